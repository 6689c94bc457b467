import type { ObjectStore } from '@cairn/object-store';
import { OBJECT_STORE } from '@cairn/service';
import { Body, Controller, Inject, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ImportFolders } from '../files/import-folders.js';
import { ImportFileDto } from './import-file.dto.js';

@ApiTags('dataset versions')
@Controller('catalog/v1/imports')
export class ImportController {
  constructor(
    @Inject(OBJECT_STORE) private readonly objects: ObjectStore,
    @Inject(ImportFolders) private readonly folders: ImportFolders,
  ) {}

  /** Copies a local Parquet file into the object store, as an upload would. Nothing is recorded until a version is registered of it. */
  @Post()
  async import(@Body() body: ImportFileDto) {
    const { digest, sizeBytes } = await this.objects.putFile(await this.folders.admit(body.path));
    return { digest, size_bytes: sizeBytes };
  }
}
