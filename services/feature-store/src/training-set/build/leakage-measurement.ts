import { TABULAR } from '@cairn/service';
import type { Tabular } from '@cairn/tabular';
import { Inject, Injectable } from '@nestjs/common';
import { explained } from '../../dataset/expression-check.js';
import type { FeatureMeasurement } from '../domain/commands.js';
import type { JoinPlan } from './join-plan.js';

export interface Measurements {
  readonly rowsChecked: number;
  readonly measurements: readonly FeatureMeasurement[];
}

/** Measures what the leakage rules judge: when each value became known, and how well it predicts alone. */
@Injectable()
export class LeakageMeasurement {
  constructor(@Inject(TABULAR) private readonly tabular: Tabular) {}

  /** `joined` is the file of the whole join, with the label. Windows end before the moment of prediction, so only values of the row itself can be late. */
  async measure({ rows, timed, join }: JoinPlan, joined: string): Promise<Measurements> {
    const late = await explained(this.tabular.findLateValues(rows, timed));
    const columns = join.features.map(({ column }) => column);
    const aucs = await this.tabular.rankAuc(joined, { label: 'label', columns });
    const byColumn = new Map(late.values.map((value) => [value.column, value]));
    return {
      rowsChecked: late.rowsChecked,
      measurements: columns.map((feature) => {
        const value = byColumn.get(feature);
        return {
          feature,
          rowsLate: value?.rowsLate ?? 0,
          worstSeconds: value?.worstSeconds ?? 0,
          auc: aucs[feature] ?? null,
          examples: (value?.examples ?? []).map((example) => JSON.stringify(example)),
        };
      }),
    };
  }
}
