import { CommandHandler } from '@cairn/event-store';
import { derivedId, streamName, type CommandMeta } from '@cairn/kernel';
import { Inject, Injectable } from '@nestjs/common';
import { INCIDENT, incidentEvent } from '../../incident/domain/events.js';
import { monitor } from '../domain/decider.js';
import type { MonitorRow } from '../views/monitor-list/monitor.entity.js';
import { WindowMeasurer, type Window } from './window-measurement.js';

/** Measures a window and lets the monitor judge it; what it means for an incident is appended together with the judgement, or not at all. */
@Injectable()
export class WindowEvaluator {
  constructor(
    @Inject(CommandHandler) private readonly commands: CommandHandler,
    @Inject(WindowMeasurer) private readonly measurer: WindowMeasurer,
  ) {}

  async evaluate(row: MonitorRow, window: Window, meta: CommandMeta): Promise<void> {
    const measured = await this.measurer.measure(row, window);
    if (measured === undefined) return;
    const incidentId = derivedId('incident', row.monitorId, window.start);
    await this.commands.handle(
      monitor,
      { type: 'EvaluateWindow', data: { monitorId: row.monitorId, incidentId, measured }, meta },
      {
        id: row.monitorId,
        alongside: (events) =>
          events.flatMap((event) => {
            const fact = event.type === 'cairn.monitoring.v1.WindowEvaluated' ? incidentEvent(event.data, row.name, row.deploymentName) : undefined;
            if (fact === undefined) return [];
            const expected = fact.type === 'cairn.monitoring.v1.IncidentOpened' ? ('none' as const) : ('exists' as const);
            return [{ stream: streamName(INCIDENT, fact.data.incidentId), expected, events: [fact] }];
          }),
      },
    );
  }
}
