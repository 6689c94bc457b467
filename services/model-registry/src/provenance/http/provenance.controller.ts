import { DomainError, type CommandMeta } from '@cairn/kernel';
import { Meta } from '@cairn/service';
import { Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Envelope } from '../signing/envelope.js';
import { SigningKey } from '../signing/signing-key.js';
import { StatementListQuery } from '../views/statement-list/statement-list.query.js';
import type { StatementRow } from '../views/statement-list/statement.entity.js';
import { NamedVersion } from './named-version.js';
import { ProvenanceHandler } from './provenance.handler.js';
import { WhichStatementDto } from './statement.dto.js';

type StatementJson = ReturnType<typeof convertStatement>;

const SHOWN = 1_000;

@ApiTags('provenance')
@Controller('registry/v1')
export class ProvenanceController {
  constructor(
    @Inject(NamedVersion) private readonly named: NamedVersion,
    @Inject(ProvenanceHandler) private readonly handler: ProvenanceHandler,
    @Inject(SigningKey) private readonly key: SigningKey,
    @Inject(StatementListQuery) private readonly statements: StatementListQuery,
  ) {}

  @Get('models/:model/versions/:version/provenance')
  @ApiOperation({
    summary: 'The signed statement of a version’s origin: in-toto Statement v1 with SLSA provenance v1 in a DSSE envelope.',
    description: 'The first request has it signed; it stays as it is. The predicate lists in cairn_missing what the log did not tell.',
  })
  async envelope(
    @Param('model') model: string,
    @Param('version') number: string,
    @Query() { statement }: WhichStatementDto,
    @Meta() meta: CommandMeta,
  ): Promise<Envelope> {
    const { version } = await this.named.require(model, number, meta);
    const row = statement === undefined ? await this.handler.current(version, meta) : await this.statements.find(version.versionId, statement);
    if (row === null) throw new DomainError('STATEMENT_NOT_FOUND', `No statement with the number ${statement} was signed about this version.`, 'missing');
    return this.handler.envelope(row);
  }

  @Post('models/:model/versions/:version/provenance')
  @HttpCode(200)
  @ApiOperation({ summary: 'Signs a new statement, under the next number, when facts or the key changed since the last one; says which one is the newest.' })
  async renew(@Param('model') model: string, @Param('version') number: string, @Meta() meta: CommandMeta): Promise<StatementJson> {
    const { version } = await this.named.require(model, number, meta);
    return convertStatement(await this.handler.renew(version, meta));
  }

  @Get('models/:model/versions/:version/provenance/statements')
  @ApiOperation({ summary: 'Which statements were signed about a version, newest first, and what was missing then.' })
  async list(@Param('model') model: string, @Param('version') number: string, @Meta() meta: CommandMeta): Promise<{ readonly items: readonly StatementJson[] }> {
    const { version } = await this.named.require(model, number, meta);
    return { items: (await this.statements.list(version.versionId, SHOWN)).map(convertStatement) };
  }

  @Get('provenance/keys')
  @ApiOperation({ summary: 'Public keys that statements are or were signed with. Compare them with keys that reached you another way.' })
  async keys(): Promise<{ readonly items: readonly object[] }> {
    const { publicKeys } = await this.key.open();
    return { items: publicKeys.map(({ keyId, pem, signs }) => ({ keyid: keyId, algorithm: 'ed25519', public_key_pem: pem, signs })) };
  }
}

function convertStatement({ number, payloadDigest, envelopeDigest, keyId, missing, signedAt, position }: StatementRow) {
  return { statement: number, payload_digest: payloadDigest, envelope_digest: envelopeDigest, keyid: keyId, missing, signed_at: signedAt, position };
}
