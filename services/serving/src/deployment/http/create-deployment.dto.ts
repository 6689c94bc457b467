import { IsInt, IsNumber, IsOptional, IsString, Length, Matches, Max, Min } from 'class-validator';
import { MAX_REPLICAS } from '../domain/decider.js';

export class CreateDeploymentDto {
  /** Name of the model in `/v2/models/{name}/infer`. */
  @IsString()
  @Length(1, 128)
  @Matches(/^[a-zA-Z0-9][a-zA-Z0-9._-]*$/, { message: 'name must be letters, digits, dots, dashes and underscores' })
  name: string;

  /** Registered model whose versions it runs. */
  @IsString()
  @Length(1, 500)
  model_name: string;

  /** Answer while no version is live. */
  @IsOptional()
  @IsNumber()
  fallback_value: number = 0;

  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(MAX_REPLICAS)
  replicas: number = 2;
}
