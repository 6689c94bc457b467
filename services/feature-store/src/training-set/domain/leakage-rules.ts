import type { features, Plain } from '@cairn/contracts';
import type { FeatureMeasurement } from './commands.js';

type Finding = Plain<features.LeakageFinding>;

/** Above it a single feature says too much about the outcome to have been known before it (as the checkers of the field set it). */
export const TOO_PREDICTIVE_AUC = 0.95;
/** What a feature says that ranks no better than chance, and what is recorded where there is nothing to rank. */
const CHANCE_AUC = 0.5;

/**
 * Two rules. `known-after-prediction` is exact and needs no threshold: one row whose value was not there yet is enough, however badly the feature predicts.
 * `too-predictive` is a suspicion for what the known times do not reveal, in either direction.
 */
export function findLeakage(measurements: readonly FeatureMeasurement[], rowsChecked: number): readonly Finding[] {
  return measurements.flatMap((measured): Finding[] => {
    const auc = aucOf(measured);
    const common = { feature: measured.feature, auc, examples: measured.examples };
    if (measured.rowsLate > 0) {
      const { rowsLate, worstSeconds } = measured;
      return [{ ...common, rule: 'known-after-prediction', rowsLeaking: BigInt(rowsLate), worstSeconds, sentence: lateSentence(measured, rowsChecked, auc) }];
    }
    if (Math.max(auc, 1 - auc) >= TOO_PREDICTIVE_AUC) {
      const sentence =
        `${measured.feature} alone tells the label with an AUC of ${auc.toFixed(3)}; ` +
        `from ${TOO_PREDICTIVE_AUC} on, in either direction, it is taken for the label itself.`;
      return [{ ...common, rule: 'too-predictive', rowsLeaking: BigInt(rowsChecked), worstSeconds: 0, sentence }];
    }
    return [];
  });
}

export function aucOf({ auc }: FeatureMeasurement): number {
  return auc ?? CHANCE_AUC;
}

function lateSentence({ feature, rowsLate, worstSeconds }: FeatureMeasurement, rowsChecked: number, auc: number): string {
  const share = `${rowsLate} of ${rowsChecked} rows`;
  return `${feature} becomes known at or after the moment of prediction in ${share}, up to ${Math.round(worstSeconds)} s too late (its AUC alone is ${auc.toFixed(3)}).`;
}
