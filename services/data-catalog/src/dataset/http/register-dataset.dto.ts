import { ArrayMaxSize, IsArray, IsOptional, IsString, Length, Matches, MaxLength } from 'class-validator';

export class RegisterDatasetDto {
  @IsString()
  @Length(1, 200)
  @Matches(/^[a-zA-Z0-9][a-zA-Z0-9._-]*$/, { message: 'name must be letters, digits, dots, dashes and underscores' })
  name: string;

  @IsOptional()
  @IsString()
  @MaxLength(5_000)
  description?: string;

  @IsOptional()
  @IsString()
  @MaxLength(200)
  owner?: string;

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(50)
  @IsString({ each: true })
  @Length(1, 100, { each: true })
  tags?: string[];
}
