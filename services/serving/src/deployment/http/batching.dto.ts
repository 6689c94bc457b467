import { ArrayMaxSize, IsArray, IsInt, IsOptional, Max, Min } from 'class-validator';
import { DEFAULT_BATCHING, MAX_DELAY_US, MAX_PREFERRED, MAX_QUEUED, MAX_ROWS } from '../domain/batching.js';

/** What is left out has its default again. */
export class BatchingDto {
  /** Rows of one run, and of one request. 1: every row runs alone. */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(MAX_ROWS)
  max_rows: number = DEFAULT_BATCHING.maxRows;

  /** How long a request may wait for others although a replica is idle, in microseconds. */
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(MAX_DELAY_US)
  delay_us: number = DEFAULT_BATCHING.delayUs;

  /** Numbers of rows that need not wait for more, ascending. */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_PREFERRED)
  @IsInt({ each: true })
  preferred_rows: number[] = [];

  /** Requests that wait; above it they are refused with 503. */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(MAX_QUEUED)
  max_queued: number = DEFAULT_BATCHING.maxQueued;
}
