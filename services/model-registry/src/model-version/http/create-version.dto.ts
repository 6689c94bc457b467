import { ApiProperty } from '@nestjs/swagger';
import { Nested, NestedEach } from '@cairn/service';
import { ArrayMaxSize, IsArray, IsDefined, IsInt, IsOptional, IsString, Length, Matches, Max, MaxLength, Min } from 'class-validator';

/** Inputs, or outputs, of one model. */
const MAX_TENSORS = 64;
const DIGEST = /^sha256:[0-9a-f]{64}$/;
const DIGEST_OR_NONE = /^(sha256:[0-9a-f]{64})?$/;
const ID_OR_NONE = /^[0-9a-fA-F-]{0,36}$/;

export class TensorDto {
  @ApiProperty({ example: 'features' })
  @IsString()
  @Length(1, 250)
  @Matches(/^[^\0]*$/)
  name: string;

  @ApiProperty({ description: 'Open Inference Protocol datatype.', example: 'FP32' })
  @Matches(/^(BOOL|U?INT(8|16|32|64)|FP(16|32|64)|BF16|BYTES)$/, { message: 'datatype must be one of the Open Inference Protocol, e.g. FP32' })
  datatype: string;

  @ApiProperty({ type: [Number], description: '-1 stands for each length.', example: [-1, 9] })
  @IsArray()
  @ArrayMaxSize(16)
  @IsInt({ each: true })
  @Min(-1, { each: true })
  shape: number[];

  @ApiProperty({ type: [String], required: false, description: 'Names of the columns of the last dimension, in order.' })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(200)
  @IsString({ each: true })
  @Length(1, 120, { each: true })
  columns: string[] = [];
}

export class SignatureDto {
  @ApiProperty({ type: [TensorDto] })
  @IsArray()
  @ArrayMaxSize(MAX_TENSORS)
  @NestedEach(() => TensorDto)
  inputs: TensorDto[];

  @ApiProperty({ type: [TensorDto] })
  @IsArray()
  @ArrayMaxSize(MAX_TENSORS)
  @NestedEach(() => TensorDto)
  outputs: TensorDto[];
}

export class CreateVersionDto {
  @ApiProperty({ description: 'Run that made the model.' })
  @Matches(/^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i, { message: 'run_id must be a UUID, with or without dashes' })
  run_id: string;

  @ApiProperty({ example: 'runs:/4915f5ea945c4798b0a8a8747cfb337b/model.onnx' })
  @IsString()
  @Length(1, 1_000)
  source: string;

  @ApiProperty({ description: 'Of the ONNX file, which the object store must hold.', example: `sha256:${'0'.repeat(64)}` })
  @Matches(DIGEST, { message: 'digest must be sha256: and 64 hex digits' })
  digest: string;

  @ApiProperty({ example: 4096 })
  @IsInt()
  @Min(1)
  @Max(Number.MAX_SAFE_INTEGER)
  size_bytes: number;

  @ApiProperty({ type: SignatureDto, required: false })
  @IsOptional()
  @IsDefined()
  @Nested(() => SignatureDto)
  signature?: SignatureDto;

  @ApiProperty({ required: false, description: 'Training set that the run learnt from.' })
  @IsOptional()
  @Matches(ID_OR_NONE, { message: 'training_set_id must be a UUID' })
  training_set_id: string = '';

  @ApiProperty({ required: false, description: 'Of a JSON document with an input and the output that every replica must give.' })
  @IsOptional()
  @Matches(DIGEST_OR_NONE, { message: 'golden_digest must be sha256: and 64 hex digits' })
  golden_digest: string = '';

  @ApiProperty({ required: false })
  @IsOptional()
  @IsString()
  @MaxLength(5_000)
  @Matches(/^[^\0]*$/)
  description: string = '';
}
