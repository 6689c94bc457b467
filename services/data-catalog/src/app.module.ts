import type { ServiceSpec } from '@cairn/service';
import { Module } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { readSettings } from './config.js';
import { ContractController } from './contract/http/contract.controller.js';
import { ContractListProjection } from './contract/views/contract-list/contract-list.projection.js';
import { ContractListQuery } from './contract/views/contract-list/contract-list.query.js';
import { DatasetVersionController } from './dataset-version/http/dataset-version.controller.js';
import { ImportController } from './dataset-version/http/import.controller.js';
import { PARQUET, UploadController } from './dataset-version/http/upload.controller.js';
import { ImportFolders } from './dataset-version/files/import-folders.js';
import { VersionFiles } from './dataset-version/files/version-files.js';
import { VersionRegistration } from './dataset-version/version-registration.js';
import { VersionHistoryProjection } from './dataset-version/views/version-history/version-history.projection.js';
import { VersionHistoryQuery } from './dataset-version/views/version-history/version-history.query.js';
import { DatasetController } from './dataset/http/dataset.controller.js';
import { DatasetListProjection } from './dataset/views/dataset-list/dataset-list.projection.js';
import { DatasetListQuery } from './dataset/views/dataset-list/dataset-list.query.js';
import { DatasetsVersionsContracts1800000000001 } from './migrations/0001-datasets-versions-contracts.js';

@Module({
  controllers: [DatasetController, DatasetVersionController, UploadController, ImportController, ContractController],
  providers: [DatasetListQuery, VersionHistoryQuery, ContractListQuery, ImportFolders, VersionFiles, VersionRegistration],
})
class DataCatalogModule {}

export const service: ServiceSpec = {
  name: 'data-catalog',
  schema: 'catalog',
  title: 'Data catalog',
  module: DataCatalogModule,
  projections: [DatasetListProjection, VersionHistoryProjection, ContractListProjection],
  migrations: [DatasetsVersionsContracts1800000000001],
  settings: readSettings,
  configure: acceptFilesAndDocuments,
};

/** A file is passed on as a stream; a contract is kept as the text that came. */
function acceptFilesAndDocuments(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addContentTypeParser(PARQUET, (_request, payload, done) => done(null, payload));
  fastify.addContentTypeParser(['application/yaml', 'application/odcs+json'], { parseAs: 'string' }, (_request, body, done) => done(null, body));
}
