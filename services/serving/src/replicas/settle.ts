import type { replica } from '@cairn/contracts';
import type { DeploymentRuntime } from '../fleet/deployment-runtime.js';
import type { Fleet } from '../fleet/fleet.js';
import type { InferenceRecorder } from '../inference-log/recorder/inference-recorder.js';

export interface DataPlane {
  readonly fleet: Fleet;
  readonly recorder: InferenceRecorder;
}

/** Does what a question of the control plane asks for. Throws DomainError when it can't in time. */
export async function settle({ fleet, recorder }: DataPlane, question: replica.ReplicaQuestion['question']): Promise<void> {
  switch (question.case) {
    case 'status':
      await runtimeOf(fleet, question.value.deploymentId)?.comparisonsSettled();
      break;
    case 'seal': {
      const runtime = runtimeOf(fleet, question.value.deploymentId);
      await runtime?.comparisonsSettled();
      if (runtime !== undefined) await recorder.seal(runtime.logOwner);
      break;
    }
    case 'reach':
      await fleet.reached(question.value.position);
      if (question.value.settled) await Promise.all(fleet.all().map(({ group }) => group.settled()));
      break;
    default:
      break;
  }
}

function runtimeOf(fleet: Fleet, deploymentId: string): DeploymentRuntime | undefined {
  return fleet.all().find(({ deployment }) => deployment.deploymentId === deploymentId);
}
