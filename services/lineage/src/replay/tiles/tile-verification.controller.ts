import { Controller, HttpCode, Inject, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { TileVerification } from './tile-verification.js';

@ApiTags('transparency log')
@Controller('lineage/v1/log/tiles')
export class TileVerificationController {
  constructor(@Inject(TileVerification) private readonly verification: TileVerification) {}

  /** Hashes the whole log again and compares every stored tile with it; names the first that somebody edited. */
  @Post('verify')
  @HttpCode(200)
  async verify(): Promise<object> {
    const { authentic, size, finding, tile, firstBadPosition } = await this.verification.verify();
    return {
      authentic,
      size: String(size),
      ...(finding !== undefined && { finding }),
      ...(tile !== undefined && { tile }),
      ...(firstBadPosition !== undefined && { first_bad_position: String(firstBadPosition) }),
    };
  }
}
