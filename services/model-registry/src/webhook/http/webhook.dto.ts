import { PageDto } from '@cairn/service';
import { ApiProperty } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsIn, IsOptional, IsString, Length, Matches, MaxLength } from 'class-validator';
import { HOOK_EVENTS } from '../domain/hook-events.js';

export class CreateWebhookDto {
  @ApiProperty({ example: 'deploy-on-promotion' })
  @IsString()
  @Length(1, 63)
  name: string;

  @ApiProperty({ required: false })
  @IsOptional()
  @IsString()
  @MaxLength(1_000)
  @Matches(/^[^\0]*$/)
  description?: string;

  @ApiProperty({ example: 'https://ci.example/hook' })
  @IsString()
  @Length(1, 2_048)
  url: string;

  @ApiProperty({ isArray: true, enum: HOOK_EVENTS })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(HOOK_EVENTS.length)
  @IsIn(HOOK_EVENTS, { each: true })
  events: string[];

  @ApiProperty({ required: false, description: 'Signs every delivery. It is sealed before it is stored, and never shown again.' })
  @IsOptional()
  @IsString()
  @Length(1, 1_000)
  secret?: string;

  @ApiProperty({ required: false, enum: ['ACTIVE', 'DISABLED'] })
  @IsOptional()
  @IsIn(['ACTIVE', 'DISABLED'])
  status?: string;
}

export class DeliveriesDto extends PageDto {
  @IsOptional()
  @IsIn(['pending', 'delivered', 'failed', 'dropped'])
  status?: string;
}

export class RedeliverDto {
  @ApiProperty({ required: false, isArray: true, type: String, description: 'Ids of deliveries; without any, all that failed, up to 1,000.' })
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(1_000)
  @Matches(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, { each: true, message: 'delivery_ids must be ids of deliveries' })
  delivery_ids?: string[];
}
