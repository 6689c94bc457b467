import type { EventStore } from '@cairn/event-store';
import { DomainError } from '@cairn/kernel';
import { isDigest, ObjectStoreError, type ObjectStore } from '@cairn/object-store';
import { ProjectionRunner } from '@cairn/read-model';
import { EVENT_STORE, OBJECT_STORE } from '@cairn/service';
import { Inject, Injectable } from '@nestjs/common';
import { MAX_GOLDEN_BYTES, parseGolden } from '../../replica/golden.js';
import { TensorError } from '../../tensor/tensor.js';
import type { Differences } from '../domain/commands.js';
import { ServableVersionQuery, type ServableVersion } from '../views/servable-version/servable-version.query.js';
import { signatureDifference, signatureProblem } from '../views/servable-version/signature.js';

/** A version that somebody wants to roll out, with what could keep replicas from it. */
export interface RolloutCandidate {
  readonly version: ServableVersion;
  /** Of the golden answer; exact when it does not say. */
  readonly goldenTolerance: number;
  readonly unservable?: string;
}

/** Looks at a version before its rollout begins: what is missing is better said now than by every replica. */
@Injectable()
export class RolloutCandidates {
  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(OBJECT_STORE) private readonly objects: ObjectStore,
    @Inject(ProjectionRunner) private readonly runner: ProjectionRunner,
    @Inject(ServableVersionQuery) private readonly versions: ServableVersionQuery,
  ) {}

  /** Throws DomainError VERSION_NOT_FOUND for what the registry did not make, or has deleted. */
  async find(workspace: string, versionId: string): Promise<RolloutCandidate> {
    // The registry's facts may be younger than our view of them: whoever was told of a promotion must not hear that there is none.
    const size = await this.store.size();
    if (size > 0n) await this.runner.waitFor(size - 1n);
    const version = await this.versions.find(workspace, versionId);
    if (version === undefined) throw new DomainError('VERSION_NOT_FOUND', 'The registry has no model version with this id.', 'unmet');
    if (version.deleted) throw new DomainError('VERSION_NOT_FOUND', 'The registry has deleted this model version. Restore it there, or roll out another.', 'unmet');
    const problem = signatureProblem(version.signature);
    if (problem !== undefined) return { version, goldenTolerance: 0, unservable: problem };
    return { version, ...(await this.goldenOf(version)) };
  }

  /** What keeps the version and each of the others from standing in for one another. Those that the registry made are all known: they are or were rolled out. */
  async differences(workspace: string, { signature }: ServableVersion, versionIds: readonly (string | null | undefined)[]): Promise<Differences> {
    const others = await Promise.all(versionIds.map((id) => (id === null || id === undefined ? undefined : this.versions.find(workspace, id))));
    return new Map(others.filter((other) => other !== undefined).map((other) => [other.versionId, signatureDifference(other.signature, signature)]));
  }

  private async goldenOf({ goldenDigest }: ServableVersion): Promise<Omit<RolloutCandidate, 'version'>> {
    if (!isDigest(goldenDigest)) return { goldenTolerance: 0, unservable: 'The version has no golden answer, so no replica could prove that it runs it.' };
    try {
      const { tolerance } = parseGolden(await this.objects.read(goldenDigest, { maxBytes: MAX_GOLDEN_BYTES }));
      return { goldenTolerance: tolerance ?? 0 };
    } catch (error) {
      if (error instanceof TensorError) return { goldenTolerance: 0, unservable: `The golden answer can't be asked: ${error.message}.` };
      if (!(error instanceof ObjectStoreError)) throw error;
      if (error.code === 'UNAVAILABLE') throw new DomainError('OBJECT_STORE_UNAVAILABLE', 'The golden answer can’t be read now.', 'busy', { cause: error });
      return { goldenTolerance: 0, unservable: `The golden answer can't be read: ${error.code}.` };
    }
  }
}
