import type { Thresholds, WindowMeasurement } from './commands.js';

export interface Judgement {
  readonly verdict: 'ok' | 'breach' | 'inconclusive';
  /** One sentence per breach, with the numbers that were compared. */
  readonly breaches: readonly string[];
}

/** Too few labels make a window inconclusive, whatever its features say: nobody can tell whether it matters. */
export function judge(measured: WindowMeasurement, thresholds: Thresholds): Judgement {
  if (measured.labelled < thresholds.minimumLabels) return { verdict: 'inconclusive', breaches: [] };
  const breaches: string[] = [];
  for (const { feature, psi } of measured.features) {
    if (psi > thresholds.featurePsi) breaches.push(`feature ${feature} drifted: PSI ${shown(psi)} is above ${shown(thresholds.featurePsi)}`);
  }
  if (measured.predictionPsi > thresholds.predictionPsi) {
    breaches.push(`predictions drifted: PSI ${shown(measured.predictionPsi)} is above ${shown(thresholds.predictionPsi)}`);
  }
  const change = measured.labelRate / measured.referenceLabelRate - 1;
  if (measured.referenceLabelRate > 0 && Math.abs(change) > thresholds.labelRateChange) {
    breaches.push(
      `label rate ${shown(measured.labelRate)} differs from the reference ${shown(measured.referenceLabelRate)} by ${shown(change * 100)} %, ` +
        `more than ${shown(thresholds.labelRateChange * 100)} %`,
    );
  }
  if (measured.auc !== undefined && measured.auc < thresholds.minimumAuc) {
    breaches.push(`AUC ${shown(measured.auc)} is below ${shown(thresholds.minimumAuc)}`);
  }
  return { verdict: breaches.length > 0 ? 'breach' : 'ok', breaches };
}

function shown(value: number): string {
  return String(Number(value.toFixed(4)));
}
