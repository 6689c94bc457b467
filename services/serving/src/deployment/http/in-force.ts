import { setTimeout as pause } from 'node:timers/promises';
import { create } from '@bufbuild/protobuf';
import { replica } from '@cairn/contracts';
import { Inject, Injectable } from '@nestjs/common';
import { Fleet } from '../../fleet/fleet.js';
import { ReplicaDirectory } from '../../replicas/replica-directory.js';

/** How long an answer waits for replicas to have loaded, or for comparisons to be counted; after that it says how far they are. */
const SETTLE_TIMEOUT_MS = 10_000;
/** How long an answer waits for the other replicas to follow. */
const FOLLOW_TIMEOUT_MS = 1_000;

/** Where `everywhere` is false, a replica that is late follows later: what is recorded is recorded. */
export interface Followed {
  /** All other replicas have said that they follow. */
  readonly everywhere: boolean;
}

/** Waits until what was recorded is what replicas go by. */
@Injectable()
export class InForce {
  constructor(
    @Inject(Fleet) private readonly fleet: Fleet,
    @Inject(ReplicaDirectory) private readonly directory: ReplicaDirectory,
  ) {}

  /** Throws DomainError ROUTES_BEHIND when this process does not follow in time; for the others it waits a second. */
  async reached(position: bigint | undefined): Promise<Followed> {
    if (position === undefined) return { everywhere: true };
    const [, everywhere] = await Promise.all([this.fleet.reached(position), within(FOLLOW_TIMEOUT_MS, this.elsewhere(position, false, FOLLOW_TIMEOUT_MS))]);
    return { everywhere: everywhere === true };
  }

  /** Resolves when every replica has loaded and proved what it is to hold by now, or has failed to; or when nobody would wait any longer. */
  async settled(workspace: string, name: string, position: bigint | undefined): Promise<void> {
    const here = this.fleet.find(workspace, name)?.group.settled();
    await withinReason(Promise.all([here, position === undefined ? undefined : this.elsewhere(position, true, SETTLE_TIMEOUT_MS)]));
  }

  private async elsewhere(position: bigint, settled: boolean, timeoutMs: number): Promise<boolean> {
    const answers = this.directory.ask({ case: 'reach', value: create(replica.ReachQuestionSchema, { position, settled }) }, timeoutMs);
    return answers.then(
      () => true,
      () => false,
    );
  }
}

/** Resolves when `settled` does, or when nobody would wait any longer. */
export async function withinReason(settled: Promise<unknown>): Promise<void> {
  await within(SETTLE_TIMEOUT_MS, settled);
}

async function within<Result>(timeoutMs: number, wanted: Promise<Result>): Promise<Result | undefined> {
  const late = new AbortController();
  try {
    return await Promise.race([wanted, pause(timeoutMs, undefined, { signal: late.signal })]);
  } finally {
    late.abort();
  }
}
