import { decodeEvent, encodeEvent, type EventOf, type monitoring, type scheduler } from '@cairn/contracts';
import type { EventStore } from '@cairn/event-store';
import { derivedId, newId, streamName, type JsonObject } from '@cairn/kernel';

export type IncidentOpened = EventOf<monitoring.IncidentOpened>;
type Recorded = EventOf<scheduler.JobSubmitted | scheduler.TriggerFired>;

const INCIDENT_OPENED: IncidentOpened['type'] = 'cairn.monitoring.v1.IncidentOpened';

/** An event as it is put into the log, under a new id. */
export const stored = (type: string, data: JsonObject, source: string, workspace = 'default') => ({
  id: newId(), type, data, meta: { source, workspace, actor: { principal: 'service:monitoring', onBehalfOf: 'ana' }, correlationId: newId() },
});

/** The log as the scheduler's neighbours write it and as a spec reads it. */
export class SchedulerLog {
  constructor(private readonly store: EventStore) {}

  /** Appends what monitoring would; answers the incident's id and the place of its event. */
  async openIncident(changes: Partial<IncidentOpened['data']> = {}, workspace?: string): Promise<{ incidentId: string; position: bigint }> {
    const incidentId = changes.incidentId ?? newId();
    const data = {
      incidentId, monitorId: newId(), monitorName: 'late', deploymentName: 'delays', breaches: ['AUC 0.55 is below 0.65'],
      windowStart: '2001-04-02T00:00:00Z', windowEnd: '2001-04-09T00:00:00Z', sentence: 'It got worse.', ...changes,
    };
    const position = await this.append(encodeEvent({ type: INCIDENT_OPENED, data }), workspace);
    return { incidentId, position };
  }

  /** Appends an IncidentOpened with this data, whatever it is; answers its place. */
  async append(data: JsonObject, workspace?: string): Promise<bigint> {
    const event = stored(INCIDENT_OPENED, data, '/monitoring', workspace);
    const [result] = await this.store.append([{ stream: streamName('incident', newId()), expected: 'none', events: [event] }]);
    if (result === undefined) throw new Error('appended nothing');
    return result.position;
  }

  /** Appends the declaration of a trigger past the scheduler's own routes, so that nothing waits for the read model. */
  async declareTrigger(name: string, monitorName: string): Promise<void> {
    const triggerId = derivedId('trigger', 'default', name);
    const spec = { name: 'train', program: 'report', arguments: [], environment: {}, maxAttempts: 1, timeoutSeconds: 60, priority: 0, queue: 'default' };
    const event: EventOf<scheduler.TriggerDeclared> = { type: 'cairn.scheduler.v1.TriggerDeclared', data: { triggerId, name, on: 'incident-opened', monitorName, spec } };
    const events = [stored(event.type, encodeEvent(event), '/training-scheduler')];
    await this.store.append([{ stream: streamName('trigger', triggerId), expected: 'none', events }]);
  }

  /** Jobs that were submitted because of an incident, and triggers that fired for it. */
  async reactionsTo(incidentId: string) {
    const events = await this.recorded();
    return {
      submitted: events.flatMap((event) => (event.type === 'cairn.scheduler.v1.JobSubmitted' && event.data.triggeredBy === incidentId ? [event.data] : [])),
      fired: events.flatMap((event) => (event.type === 'cairn.scheduler.v1.TriggerFired' && event.data.incidentId === incidentId ? [event.data] : [])),
    };
  }

  /** All jobs that were ever submitted and all triggers that ever fired. */
  async recorded(): Promise<Recorded[]> {
    const types = ['cairn.scheduler.v1.JobSubmitted', 'cairn.scheduler.v1.TriggerFired'];
    const { events } = await this.store.readAll(0n, { filter: { types }, limit: 10_000 });
    return events.map(({ type, data }) => decodeEvent<Recorded>(type, data));
  }
}
