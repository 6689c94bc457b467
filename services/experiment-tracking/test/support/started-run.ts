import type { EventOf, tracking } from '@cairn/contracts';

export const EXPERIMENT = '00000000-0000-7000-8000-000000000001';

/** The event that begins a run; of the experiment EXPERIMENT, if nothing else is said. */
export function startedRun(runId: string, data: Partial<EventOf<tracking.RunStarted>['data']> = {}): EventOf<tracking.RunStarted> {
  return {
    type: 'cairn.tracking.v1.RunStarted',
    data: { runId, experimentId: EXPERIMENT, name: 'first', startTimeMs: 1n, user: 'ada', tags: [{ key: 't', value: '1' }], criteriaVersion: 0, criteria: [], ...data },
  };
}
