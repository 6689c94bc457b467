import { IsInt, IsNumber, IsOptional, IsUUID, Max, Min } from 'class-validator';

export class StartRolloutDto {
  @IsUUID()
  version_id: string;

  /** Share of requests that the canary stage sends to the new version. */
  @IsOptional()
  @IsNumber()
  @Min(0.001)
  @Max(0.999)
  canary_weight: number = 0.1;

  /** Requests that the new version must have run in a stage before it may leave it. */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(1_000_000_000)
  minimum_requests: number = 100;

  /** Largest difference between an output and the golden answer; by default what the golden answer itself says. */
  @IsOptional()
  @IsNumber()
  @Min(0)
  golden_tolerance?: number;
}
