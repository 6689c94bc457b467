import type { Plain, registry } from '@cairn/contracts';
import { ObjectStoreError, isDigest, type ObjectStore } from '@cairn/object-store';
import { OBJECT_STORE } from '@cairn/service';
import { Inject, Injectable } from '@nestjs/common';
import type { VersionRow } from '../../model-version/views/version-list/version.entity.js';
import { LogFacts } from '../../provenance/facts/log-facts.js';
import { signatureOf } from './mlmodel-signature.js';

/** Flavors, dependencies and a signature; an example input is a file of its own. */
const MAX_BYTES = 256 * 1024;

/** The MLmodel file beside a model, as MLflow's clients log it. Where it lies is in the log, what it says in the object store. */
@Injectable()
export class MlmodelFile {
  constructor(
    @Inject(OBJECT_STORE) private readonly objects: ObjectStore,
    @Inject(LogFacts) private readonly facts: LogFacts,
  ) {}

  /** Undefined when the source has no such file, when it is too large, or when its signature is none that can be said in tensors. */
  async signature(place: Pick<VersionRow, 'source' | 'storageLocation' | 'workspace'>): Promise<Plain<registry.Signature> | undefined> {
    const digest = (await this.facts.filesOf(place)).get('MLmodel')?.digest ?? '';
    if (!isDigest(digest)) return undefined;
    try {
      return signatureOf((await this.objects.read(digest, { maxBytes: MAX_BYTES })).toString('utf8'));
    } catch (error) {
      if (error instanceof ObjectStoreError && (error.code === 'TOO_LARGE' || error.code === 'NOT_FOUND')) return undefined;
      throw error;
    }
  }
}
