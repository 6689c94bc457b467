import { CommandHandler } from '@cairn/event-store';
import { DomainError, type CommandMeta } from '@cairn/kernel';
import { digestOf, type Digest, type ObjectStore } from '@cairn/object-store';
import { OBJECT_STORE } from '@cairn/service';
import { Inject, Injectable } from '@nestjs/common';
import canonicalize from 'canonicalize';
import { OwnView } from '../../model-version/http/own-view.js';
import type { VersionRow } from '../../model-version/views/version-list/version.entity.js';
import { provenance } from '../domain/decider.js';
import { buildStatement } from '../domain/statement.js';
import { LogFacts } from '../facts/log-facts.js';
import { sealEnvelope, type Envelope } from '../signing/envelope.js';
import { SigningKey } from '../signing/signing-key.js';
import { StatementListQuery } from '../views/statement-list/statement-list.query.js';
import type { StatementRow } from '../views/statement-list/statement.entity.js';

/** A thousand parameters of 6,000 characters, as base64. */
const MAX_ENVELOPE_BYTES = 16 * 1024 * 1024;

/**
 * Signs what the log says about a version's origin. The first one who asks has the statement made; it is kept as it was signed, and later facts change it
 * only for who asks for a new one, which is an event of its own.
 */
@Injectable()
export class ProvenanceHandler {
  constructor(
    @Inject(CommandHandler) private readonly commands: CommandHandler,
    @Inject(OBJECT_STORE) private readonly objects: ObjectStore,
    @Inject(OwnView) private readonly view: OwnView,
    @Inject(LogFacts) private readonly facts: LogFacts,
    @Inject(SigningKey) private readonly key: SigningKey,
    @Inject(StatementListQuery) private readonly statements: StatementListQuery,
  ) {}

  /** The newest statement; makes the first one. Throws DomainError NOTHING_TO_ATTEST. */
  async current(version: VersionRow, meta: CommandMeta): Promise<StatementRow> {
    return (await this.statements.last(version.versionId)) ?? this.sign(version, 'first', meta);
  }

  /** A new statement when the facts or the key changed, otherwise the one that there is. Throws DomainError NOTHING_TO_ATTEST. */
  renew(version: VersionRow, meta: CommandMeta): Promise<StatementRow> {
    return this.sign(version, 'renewed', meta);
  }

  async envelope({ envelopeDigest }: StatementRow): Promise<Envelope> {
    const bytes = await this.objects.read(envelopeDigest as Digest, { maxBytes: MAX_ENVELOPE_BYTES });
    return JSON.parse(bytes.toString('utf8')) as Envelope;
  }

  private async sign(version: VersionRow, mode: 'first' | 'renewed', meta: CommandMeta): Promise<StatementRow> {
    const { versionId } = version;
    // A job that ended a moment ago counts.
    await this.view.catchUp();
    const { statement, missing } = buildStatement(await this.facts.originOf(version));
    if (statement === undefined) throw nothingToAttest(missing);
    const payload = Buffer.from(canonicalize(statement) ?? '');
    const { keyId, privateKey } = await this.key.open();
    const envelope = Buffer.from(canonicalize(sealEnvelope(payload, { keyId, privateKey })) ?? '');
    if (envelope.length > MAX_ENVELOPE_BYTES) {
      throw new DomainError('STATEMENT_TOO_LARGE', `The statement would have ${envelope.length} bytes, more than ${MAX_ENVELOPE_BYTES}. Log fewer or shorter parameters.`, 'unmet');
    }
    const { digest: envelopeDigest } = await this.objects.put(envelope);
    const data = { versionId, payloadDigest: digestOf(payload), envelopeDigest, keyId, missing, mode };
    const { events } = await this.commands.handle(provenance, { type: 'SignStatement', data, meta }, { id: versionId });
    // Whoever was quicker may not be visible yet.
    if (events.length === 0) await this.view.catchUp();
    const row = await this.statements.last(versionId);
    if (row === null) throw new DomainError('READ_MODEL_BEHIND', 'The statement is signed, but not yet visible here. Read again in a moment.', 'busy');
    return row;
  }
}

function nothingToAttest(missing: readonly string[]): DomainError {
  return new DomainError('NOTHING_TO_ATTEST', `There is nothing to attest. ${missing.join(' ')} Register the version from an artifact of a run.`, 'unmet');
}
