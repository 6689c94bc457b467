import type { ResourceFigure } from './commands.js';

/** How much is known about a figure; the later ones are weaker. `default` is computed from what was declared, without any observation of the run. */
export type Label = 'measured' | 'estimated' | 'default';

export interface Usage {
  readonly resource: 'cpu_core_ms' | 'gpu_ms' | 'memory_mib_s' | 'energy_mwh';
  readonly amount: bigint;
  readonly gpuModel: string;
  readonly label: Label;
  readonly method: string;
}

/** Power of one GPU as MLflow's system metrics sampled it. */
export interface PowerSeries {
  readonly points: number;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly longestGapMs: number;
  /** Integral by trapezoids, in watt-milliseconds. */
  readonly wattMs: number;
}

/** What the run's tags or parameters `cairn.hardware.…` say. */
export interface DeclaredHardware {
  readonly cpuCount?: number | undefined;
  readonly memoryGib?: number | undefined;
  readonly gpuCount?: number | undefined;
  readonly gpuModel: string;
}

export interface ObservedRun {
  readonly wallMs: number;
  readonly figures: readonly ResourceFigure[];
  readonly power: readonly PowerSeries[];
  readonly hardware: DeclaredHardware;
}

/** A series with a longer gap, or that covers less of the run, is no measure of it. MLflow samples every 10 s. */
const LONGEST_GAP_MS = 120_000;
const LEAST_COVERAGE = 0.9;

/** What a run used: reported figures first, else what system metrics allow, else wall time × what was declared. What none of them says is absent. */
export function usageOf(run: ObservedRun): Usage[] {
  const reported = run.figures.flatMap((figure) => reportedUsage(figure));
  const has = (resource: Usage['resource']): boolean => reported.some((usage) => usage.resource === resource);
  return [
    ...reported,
    ...(has('cpu_core_ms') ? [] : declaredCpu(run)),
    ...(has('gpu_ms') ? [] : gpuTime(run)),
    ...(has('memory_mib_s') ? [] : declaredMemory(run)),
    ...(has('energy_mwh') ? [] : sampledEnergy(run)),
  ];
}

function reportedUsage({ resource, amount, gpuModel, label, method }: ResourceFigure): Usage[] {
  switch (resource) {
    case 'cpu_core_ms':
    case 'gpu_ms':
    case 'memory_mib_s':
    case 'energy_mwh':
      return [{ resource, amount, gpuModel, label: label === 'measured' ? 'measured' : 'estimated', method }];
    default:
      // The decider takes no other; what an old log may hold is no figure of these.
      return [];
  }
}

function declaredCpu({ wallMs, hardware: { cpuCount } }: ObservedRun): Usage[] {
  if (cpuCount === undefined) return [];
  return [{ resource: 'cpu_core_ms', amount: rounded(wallMs * cpuCount), gpuModel: '', label: 'default', method: 'wall time × cairn.hardware.cpu_count' }];
}

function declaredMemory({ wallMs, hardware: { memoryGib } }: ObservedRun): Usage[] {
  if (memoryGib === undefined) return [];
  return [{ resource: 'memory_mib_s', amount: rounded((wallMs / 1_000) * memoryGib * 1_024), gpuModel: '', label: 'default', method: 'wall time × cairn.hardware.memory_gib' }];
}

function gpuTime({ wallMs, power, hardware: { gpuCount, gpuModel } }: ObservedRun): Usage[] {
  const usable = power.filter((series) => isUsable(series, wallMs));
  if (usable.length > 0) {
    const method = `wall time × ${usable.length} GPUs of which MLflow's system metrics sampled the power`;
    return [{ resource: 'gpu_ms', amount: rounded(wallMs * usable.length), gpuModel, label: 'estimated', method }];
  }
  if (gpuCount === undefined || gpuCount === 0) return [];
  return [{ resource: 'gpu_ms', amount: rounded(wallMs * gpuCount), gpuModel, label: 'default', method: 'wall time × cairn.hardware.gpu_count' }];
}

/** All series or none: a sum without one of the GPUs would be the energy of nothing. */
function sampledEnergy({ wallMs, power }: ObservedRun): Usage[] {
  if (power.length === 0 || !power.every((series) => isUsable(series, wallMs))) return [];
  const wattMs = power.reduce((sum, series) => sum + series.wattMs, 0);
  const method = `power of ${power.length} GPUs from MLflow's system metrics, integrated by trapezoids; the rest of the machine is not in it`;
  return [{ resource: 'energy_mwh', amount: rounded(wattMs / 3_600), gpuModel: '', label: 'estimated', method }];
}

function isUsable({ points, firstMs, lastMs, longestGapMs, wattMs }: PowerSeries, wallMs: number): boolean {
  return points >= 2 && longestGapMs <= LONGEST_GAP_MS && lastMs - firstMs >= wallMs * LEAST_COVERAGE && Number.isFinite(wattMs) && wattMs >= 0;
}

function rounded(amount: number): bigint {
  return BigInt(Math.round(amount));
}
