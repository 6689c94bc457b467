import type { DeploymentRuntime } from '../fleet/deployment-runtime.js';
import type { ServedVersion } from '../fleet/served-version.js';
import type { Duration, InferenceStatistics } from '../inference/inference-statistics.js';

const NOTHING: Duration = { count: 0, ns: 0 };

/** Statistics of one version as Triton writes them in JSON (docs/protocol/extension_statistics.md), times in nanoseconds. There is no cache. */
export function modelStatistics({ deployment }: DeploymentRuntime, { versionId, version }: ServedVersion, statistics: InferenceStatistics) {
  const counted = statistics.of(deployment.deploymentId, versionId);
  const { success, fail, queue, way, infer } = counted;
  return {
    name: deployment.name,
    version: String(version),
    last_inference: counted.lastInferenceMs,
    inference_count: counted.rows,
    execution_count: counted.runs,
    inference_stats: {
      success: plain(success),
      fail: plain(fail),
      queue: plain(queue),
      compute_input: plain(way),
      compute_infer: plain(infer),
      compute_output: { count: infer.count, ns: 0 },
      cache_hit: NOTHING,
      cache_miss: NOTHING,
    },
    batch_stats: counted.bySize.map(({ rows, runs, infer: inRuns }) => ({
      batch_size: rows,
      compute_input: { count: runs, ns: 0 },
      compute_infer: inRuns,
      compute_output: { count: runs, ns: 0 },
    })),
  };
}

/** Of the version that is asked for, else of all that a deployment runs. */
export function statisticsOf(runtime: DeploymentRuntime, version: ServedVersion | undefined, statistics: InferenceStatistics) {
  const versions = version === undefined ? [runtime.live, runtime.candidate?.version] : [version];
  return versions.filter((served) => served !== undefined).map((served) => modelStatistics(runtime, served, statistics));
}

function plain({ count, ns }: Duration): Duration {
  return { count, ns };
}
