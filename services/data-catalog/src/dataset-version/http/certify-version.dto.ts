import { IsIn, IsOptional, IsString, MaxLength } from 'class-validator';

export class CertifyVersionDto {
  @IsOptional()
  @IsIn(['golden'])
  level: string = 'golden';

  @IsString()
  @MaxLength(2_000)
  comment: string;
}
