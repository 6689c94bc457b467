import { IsOptional, IsString, IsUUID, Length } from 'class-validator';

/** Without both the contract that was published last for the dataset is taken. */
export class CheckVersionDto {
  @IsOptional()
  @IsUUID()
  contract_id?: string;

  @IsOptional()
  @IsString()
  @Length(1, 100)
  contract_version?: string;
}
