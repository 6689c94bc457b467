import { NestedEach } from '@cairn/service';
import { ApiProperty } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsInt, IsOptional, IsString, Matches, Max, MaxLength, Min } from 'class-validator';

const DECIMAL = /^\d{1,9}(\.\d{1,9})?$/;
const DECIMAL_OR_NONE = /^(\d{1,9}(\.\d{1,9})?)?$/;
const STORABLE = /^[^\0\p{Surrogate}]*$/u;
const message = '$property must be a decimal number as text, with at most 9 digits before and after the point, e.g. "0.0425"';

export class GpuPriceDto {
  @ApiProperty({ required: false, example: 'H200', description: 'As runs report it; empty is the price of every model that is not listed.' })
  @IsOptional()
  @IsString()
  @MaxLength(100)
  @Matches(STORABLE)
  model: string = '';

  @ApiProperty({ example: '3.50', description: 'Of one GPU for an hour.' })
  @Matches(DECIMAL, { message })
  hour_price: string;

  @ApiProperty({ required: false, example: '700', description: 'Power of one busy GPU in watts, for runs of which nobody measured the energy.' })
  @IsOptional()
  @Matches(DECIMAL_OR_NONE, { message })
  watts: string = '';
}

export class DeclarePriceListDto {
  @ApiProperty({ example: 'EUR', description: 'ISO 4217.' })
  @Matches(/^[A-Z]{3}$/)
  currency: string;

  @ApiProperty({ description: 'Milliseconds since 1970: the list counts for runs that end then or later.', example: 1_767_225_600_000 })
  @IsInt()
  @Min(0)
  @Max(8_640_000_000_000_000)
  valid_from_ms: number;

  @ApiProperty({ example: '0.05', description: 'Of one core for an hour.' })
  @Matches(DECIMAL, { message })
  cpu_hour_price: string;

  @ApiProperty({ example: '0.005' })
  @Matches(DECIMAL, { message })
  memory_gib_hour_price: string;

  @ApiProperty({ example: '0.30', description: '0 where the other prices hold the energy already.' })
  @Matches(DECIMAL, { message })
  energy_kwh_price: string;

  @ApiProperty({ type: [GpuPriceDto], required: false })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(50)
  @NestedEach(() => GpuPriceDto)
  gpus: GpuPriceDto[] = [];

  @ApiProperty({ example: '380', description: 'Grams of CO2 equivalent per kWh of the electricity.' })
  @Matches(DECIMAL, { message })
  grid_gco2e_per_kwh: string;

  @ApiProperty({ example: 'DE' })
  @IsString()
  @MaxLength(100)
  @Matches(STORABLE)
  grid_region: string;

  @ApiProperty({ example: 'Umweltbundesamt, 2024', description: 'Where the factor is from.' })
  @IsString()
  @MaxLength(500)
  @Matches(STORABLE)
  grid_source: string;

  @ApiProperty({ required: false, example: '10', description: 'Power of one core in watts, for runs of which nobody measured the energy.' })
  @IsOptional()
  @Matches(DECIMAL_OR_NONE, { message })
  cpu_core_watts: string = '';
}
