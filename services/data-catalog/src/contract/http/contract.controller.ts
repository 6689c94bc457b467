import { CommandHandler } from '@cairn/event-store';
import { derivedId, DomainError, type CommandMeta } from '@cairn/kernel';
import type { ObjectStore } from '@cairn/object-store';
import { Meta, OBJECT_STORE } from '@cairn/service';
import { Body, Controller, Get, Inject, Param, Post } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiTags } from '@nestjs/swagger';
import { DatasetListQuery } from '../../dataset/views/dataset-list/dataset-list.query.js';
import { contract } from '../domain/decider.js';
import { ContractListQuery } from '../views/contract-list/contract-list.query.js';
import type { ContractRow } from '../views/contract-list/contract.entity.js';
import { convertContract } from './convert.js';

@ApiTags('contracts')
@Controller('catalog/v1/contracts')
export class ContractController {
  constructor(
    @Inject(CommandHandler) private readonly commands: CommandHandler,
    @Inject(DatasetListQuery) private readonly datasets: DatasetListQuery,
    @Inject(ContractListQuery) private readonly contracts: ContractListQuery,
    @Inject(OBJECT_STORE) private readonly objects: ObjectStore,
  ) {}

  /** The body is the document itself, YAML (`application/yaml`) or JSON (`application/odcs+json`); it is kept byte for byte. */
  @Post()
  @ApiConsumes('application/yaml', 'application/odcs+json')
  @ApiBody({ schema: { type: 'string' } })
  async publish(@Body() body: unknown, @Meta() meta: CommandMeta) {
    if (typeof body !== 'string') {
      throw new DomainError('UNSUPPORTED_MEDIA_TYPE', 'Send the contract as application/yaml or application/odcs+json.', 'invalid');
    }
    const document = convertContract(body);
    const dataset = await this.datasets.find(meta.workspace, document.datasetName);
    if (dataset === null) throw new DomainError('DATASET_NOT_FOUND', `No dataset is named ${document.datasetName}; register it first.`, 'missing');
    const { digest } = await this.objects.put(Buffer.from(body, 'utf8'));
    const contractId = derivedId('contract', meta.workspace, document.odcsId);
    const { version, rules, datasetName } = document;
    const data = { contractId, datasetId: dataset.datasetId, datasetName, version, documentDigest: digest, rules };
    await this.commands.handle(contract, { type: 'PublishContract', data, meta }, { id: contractId });
    return { contract_id: contractId, dataset: datasetName, version, document_digest: digest, rules: rules.length };
  }

  @Get(':dataset/latest')
  async latest(@Param('dataset') dataset: string, @Meta() meta: CommandMeta) {
    const row = await this.contracts.latestOf(meta.workspace, dataset);
    if (row === null) throw new DomainError('CONTRACT_NOT_FOUND', `No contract was published for ${dataset}.`, 'missing');
    return convertContractRow(row);
  }
}

function convertContractRow(row: ContractRow) {
  return {
    contract_id: row.contractId,
    dataset: row.datasetName,
    version: row.version,
    document_digest: row.documentDigest,
    rules: JSON.parse(row.rules) as unknown[],
  };
}
