import { Readable } from 'node:stream';
import { DomainError } from '@cairn/kernel';
import { ObjectStoreError, type ObjectStore } from '@cairn/object-store';
import { OBJECT_STORE } from '@cairn/service';
import { Body, Controller, Inject, Post } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiTags } from '@nestjs/swagger';

export const PARQUET = 'application/vnd.apache.parquet';
const MAX_UPLOAD_BYTES = 16 * 1024 ** 3;

@ApiTags('dataset versions')
@Controller('catalog/v1/uploads')
export class UploadController {
  constructor(@Inject(OBJECT_STORE) private readonly objects: ObjectStore) {}

  /** Streams a Parquet file into the object store, under the digest of its bytes. Nothing is recorded until a version is registered of it. */
  @Post()
  @ApiConsumes(PARQUET)
  @ApiBody({ schema: { type: 'string', format: 'binary' } })
  async upload(@Body() body: unknown) {
    if (!(body instanceof Readable)) throw new DomainError('UNSUPPORTED_MEDIA_TYPE', `Send the file as ${PARQUET}.`, 'invalid');
    try {
      const { digest, sizeBytes } = await this.objects.put(body, { maxBytes: MAX_UPLOAD_BYTES });
      return { digest, size_bytes: sizeBytes };
    } catch (error) {
      if (!(error instanceof ObjectStoreError) || error.code !== 'TOO_LARGE') throw error;
      throw new DomainError('TOO_LARGE', `A file may have at most ${MAX_UPLOAD_BYTES} bytes; register larger data as several versions.`, 'invalid', { cause: error });
    }
  }
}
