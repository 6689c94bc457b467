import { Inject, Injectable } from '@nestjs/common';
import { DataSource, MoreThan, Not } from 'typeorm';
import { WindowRow } from './window.entity.js';

@Injectable()
export class WindowHistoryQuery {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  /** Oldest first, after `after` (a window's start); one row more than `limit`. */
  async list(monitorId: string, limit: number, after = ''): Promise<readonly WindowRow[]> {
    return this.dataSource.manager.find(WindowRow, {
      where: { monitorId, windowStart: MoreThan(after) },
      order: { windowStart: 'ASC' },
      take: limit + 1,
    });
  }

  /** Labelled predictions at the latest judgement of each window, by its start. */
  async labelledByStart(monitorId: string): Promise<ReadonlyMap<string, number>> {
    const rows = await this.dataSource.manager.find(WindowRow, { where: { monitorId }, select: { windowStart: true, labelled: true } });
    return new Map(rows.map(({ windowStart, labelled }) => [windowStart, Number(labelled)]));
  }

  /** The first window that was judged, and not inconclusive, after a position of the log. */
  async firstSince(monitorId: string, position: string): Promise<WindowRow | null> {
    return this.dataSource.manager.findOne(WindowRow, {
      where: { monitorId, position: MoreThan(position), verdict: Not('inconclusive') },
      order: { windowStart: 'ASC' },
    });
  }
}
