import { Inject, Injectable } from '@nestjs/common';
import { DataSource, In } from 'typeorm';
import { traceCondition, type TraceTerm } from '../trace-list/trace-condition.js';
import { TraceRow } from '../trace-list/trace.entity.js';
import { withinTime } from '../trace-list/within-time.js';
import type { FilterCounts } from './npmi.js';

export interface FilterPair {
  readonly experimentIds: readonly string[];
  /** What every trace that is counted meets. */
  readonly base: readonly TraceTerm[];
  readonly first: readonly TraceTerm[];
  readonly second: readonly TraceTerm[];
}

interface Group {
  readonly first: boolean;
  readonly second: boolean;
  readonly count: string;
}

@Injectable()
export class FilterCountsQuery {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  /** Throws INVALID_PARAMETER_VALUE for patterns that are none, and when it takes more than 20 s. */
  async count(workspace: string, { experimentIds, base, first, second }: FilterPair): Promise<FilterCounts> {
    const groups = await withinTime(this.dataSource, async (manager) => {
      const query = manager.createQueryBuilder(TraceRow, 'trace').select('count(*)', 'count').where({ workspace, experimentId: In([...experimentIds]), deleted: false });
      // Every term has parameters of its own.
      const conditions = [...base, ...first, ...second].map(traceCondition);
      for (const { sql, parameters } of conditions.slice(0, base.length)) query.andWhere(sql, parameters);
      const [ofFirst, ofSecond] = [conditions.slice(base.length, base.length + first.length), conditions.slice(base.length + first.length)];
      for (const [alias, some] of [['first', ofFirst], ['second', ofSecond]] as const) {
        // What is compared with nothing (NULL) is not met. Grouped by it, each condition is looked at once per trace.
        query.addSelect(`coalesce(${['true', ...some.map(({ sql }) => `(${sql})`)].join(' AND ')}, false)`, alias).addGroupBy(`"${alias}"`);
        for (const { parameters } of some) query.setParameters(parameters);
      }
      return query.getRawMany<Group>();
    });
    const sum = (fits: (group: Group) => boolean): number => groups.filter(fits).reduce((total, { count }) => total + Number(count), 0);
    return {
      total: sum(() => true), first: sum((group) => group.first), second: sum((group) => group.second), joint: sum((group) => group.first && group.second),
    };
  }
}
