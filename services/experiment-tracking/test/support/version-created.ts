import { encodeEvent, type EventOf, type registry } from '@cairn/contracts';
import { newId } from '@cairn/kernel';
import { testMeta } from '@cairn/testing';
import type { TrackingClient } from './tracking-client.js';

/** The registry's fact that a run made a version of a model, visible here when this is over. */
export async function versionCreated(tracking: TrackingClient, modelName: string, version: number, runId: string): Promise<void> {
  const event: EventOf<registry.ModelVersionCreated> = {
    type: 'cairn.registry.v1.ModelVersionCreated',
    data: {
      versionId: newId(), modelId: modelName, modelName, version, runId, source: '', digest: '', sizeBytes: 0n, trainingSetId: '', goldenDigest: '', description: '', tags: [],
      storageLocation: '', copiedFromVersionId: '', loggedModelId: '', runLink: '',
    },
  };
  const { actor, workspace, correlationId } = testMeta();
  const meta = { source: '/model-registry', actor, workspace, correlationId };
  const [appended] = await tracking.store.append([
    { stream: `model-version-${newId()}`, expected: 'none', events: [{ id: newId(), type: event.type, data: encodeEvent(event), meta }] },
  ]);
  await tracking.running.parts.stateful?.runner.waitFor(appended?.position ?? 0n);
}
