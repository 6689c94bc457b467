import { CommandHandler } from '@cairn/event-store';
import { DomainError, type CommandMeta } from '@cairn/kernel';
import type { Digest, ObjectStore } from '@cairn/object-store';
import { keyOfToken, Meta, OBJECT_STORE, PageDto, pageOf } from '@cairn/service';
import { Body, Controller, Get, HttpCode, Inject, Param, ParseUUIDPipe, Post, Query, StreamableFile } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { ColumnRule } from '../../contract/http/convert.js';
import { ContractListQuery } from '../../contract/views/contract-list/contract-list.query.js';
import type { ContractRow } from '../../contract/views/contract-list/contract.entity.js';
import { DatasetListQuery } from '../../dataset/views/dataset-list/dataset-list.query.js';
import { datasetVersion } from '../domain/decider.js';
import { VersionFiles } from '../files/version-files.js';
import { VersionRegistration } from '../version-registration.js';
import type { DatasetVersionRow } from '../views/version-history/dataset-version.entity.js';
import { VersionHistoryQuery } from '../views/version-history/version-history.query.js';
import { CertifyVersionDto } from './certify-version.dto.js';
import { CheckVersionDto } from './check-version.dto.js';
import { convertReport, convertVersion } from './convert.js';
import { RegisterVersionDto } from './register-version.dto.js';

@ApiTags('dataset versions')
@Controller('catalog/v1')
export class DatasetVersionController {
  constructor(
    @Inject(CommandHandler) private readonly commands: CommandHandler,
    @Inject(VersionRegistration) private readonly registration: VersionRegistration,
    @Inject(VersionFiles) private readonly files: VersionFiles,
    @Inject(DatasetListQuery) private readonly datasets: DatasetListQuery,
    @Inject(VersionHistoryQuery) private readonly versions: VersionHistoryQuery,
    @Inject(ContractListQuery) private readonly contracts: ContractListQuery,
    @Inject(OBJECT_STORE) private readonly objects: ObjectStore,
  ) {}

  @Post('datasets/:name/versions')
  async register(@Param('name') name: string, @Body() body: RegisterVersionDto, @Meta() meta: CommandMeta) {
    const dataset = await this.datasets.find(meta.workspace, name);
    if (dataset === null) throw new DomainError('DATASET_NOT_FOUND', `No dataset is named ${name}; register it first.`, 'missing');
    const digest = body.filter === undefined ? body.digest : await this.files.filtered(body.digest, body.filter);
    const measured = await this.files.measure(digest);
    const origin = body.filter === undefined ? body.origin : `${body.origin} ${body.digest} where ${body.filter}`;
    const versionId = await this.registration.register({ datasetId: dataset.datasetId, datasetName: name, origin, derivedFrom: [], measured }, meta);
    return this.find(versionId, meta);
  }

  @Get('datasets/:name/versions')
  async list(@Param('name') name: string, @Query() { limit, page_token }: PageDto, @Meta() meta: CommandMeta) {
    const dataset = await this.datasets.find(meta.workspace, name);
    if (dataset === null) throw new DomainError('DATASET_NOT_FOUND', `No dataset is named ${name}.`, 'missing');
    const after = keyOfToken(page_token);
    const rows = await this.versions.ofDataset(dataset.datasetId, limit, after === undefined ? 0 : Number(after));
    return pageOf(rows, limit, convertVersion, ({ version }) => String(version));
  }

  @Get('versions/:id')
  async find(@Param('id', ParseUUIDPipe) id: string, @Meta() meta: CommandMeta) {
    return convertVersion(await this.require(id, meta));
  }

  @Get('versions/:id/profile')
  async profile(@Param('id', ParseUUIDPipe) id: string, @Meta() meta: CommandMeta) {
    const { profileDigest } = await this.require(id, meta);
    return this.files.profile(profileDigest);
  }

  @Get('versions/:id/data')
  async data(@Param('id', ParseUUIDPipe) id: string, @Meta() meta: CommandMeta): Promise<StreamableFile> {
    const { digest } = await this.require(id, meta);
    return new StreamableFile(await this.objects.open(digest as Digest), { type: 'application/vnd.apache.parquet' });
  }

  /** Checks every rule of the contract; rows that break one quarantine the version. */
  @Post('versions/:id/check')
  @HttpCode(200)
  async check(@Param('id', ParseUUIDPipe) id: string, @Body() body: CheckVersionDto, @Meta() meta: CommandMeta) {
    const version = await this.require(id, meta);
    const contract = await this.contractFor(version, body);
    const report = await this.files.check(version.digest, rulesOf(contract));
    const data = convertReport(id, contract.contractId, contract.version, report);
    await this.commands.handle(datasetVersion, { type: 'RecordCheck', data, meta }, { id });
    return this.find(id, meta);
  }

  /** Derives the version of the rows that break no rule. It is new and unchecked: check it before it is certified. */
  @Post('versions/:id/clean')
  async clean(@Param('id', ParseUUIDPipe) id: string, @Body() body: CheckVersionDto, @Meta() meta: CommandMeta) {
    const parent = await this.require(id, meta);
    const { digest, rowNumberColumn } = await this.files.clean(parent.digest, rulesOf(await this.contractFor(parent, body)));
    const { datasetId, datasetName } = parent;
    const derivedFrom = [{ versionId: id, digest: parent.digest, operation: 'contract-clean', rowNumberColumn }];
    const measured = await this.files.measure(digest);
    return this.find(await this.registration.register({ datasetId, datasetName, origin: '', derivedFrom, measured }, meta), meta);
  }

  @Post('versions/:id/certify')
  @HttpCode(200)
  async certify(@Param('id', ParseUUIDPipe) id: string, @Body() { level, comment }: CertifyVersionDto, @Meta() meta: CommandMeta) {
    await this.require(id, meta);
    await this.commands.handle(datasetVersion, { type: 'CertifyVersion', data: { versionId: id, level, comment }, meta }, { id });
    return this.find(id, meta);
  }

  private async require(id: string, meta: CommandMeta): Promise<DatasetVersionRow> {
    const row = await this.versions.find(meta.workspace, id);
    if (row === null) throw new DomainError('VERSION_NOT_FOUND', 'No dataset version has this id.', 'missing');
    return row;
  }

  private async contractFor({ workspace, datasetName }: DatasetVersionRow, asked: CheckVersionDto): Promise<ContractRow> {
    const { contract_id: contractId, contract_version: version } = asked;
    const row =
      contractId === undefined || version === undefined
        ? await this.contracts.latestOf(workspace, datasetName)
        : await this.contracts.find(workspace, contractId, version);
    if (row === null) throw new DomainError('CONTRACT_NOT_FOUND', `No such contract was published for ${datasetName}.`, 'missing');
    return row;
  }
}

function rulesOf(contract: ContractRow): readonly ColumnRule[] {
  return JSON.parse(contract.rules) as ColumnRule[];
}
