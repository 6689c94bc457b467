import { describe, expect, it } from 'vitest';
import { computeFigures, type EndedRollout, type Incident } from './figures.js';

const range = { from: '2001-04-01T00:00:00Z', to: '2001-04-11T00:00:00Z', failureWindowHours: 24 };
const at = (day: number, hour = 0) => `2001-04-${String(day).padStart(2, '0')}T${String(hour).padStart(2, '0')}:00:00.000000Z`;
const rollout = (day: number, hour: number, changes: Partial<EndedRollout> = {}): EndedRollout => ({
  deployment: 'late', version: 1, outcome: 'completed', endedAt: at(day, hour), ...changes,
});
const hours = (count: number) => count * 3_600;

describe('figures', () => {
  it('have no numbers where nothing happened', () => {
    const { lead_time, deployment_frequency, change_failure_rate, time_to_restore } = computeFigures([], [], range);
    expect(lead_time).toMatchObject({ samples: 0, median_seconds: null, p90_seconds: null, rollouts_without_known_data: 0 });
    expect(deployment_frequency).toMatchObject({ rollouts: 0, rollouts_per_day: 0, samples: 0 });
    expect(change_failure_rate).toMatchObject({ samples: 0, ratio: null });
    expect(time_to_restore).toMatchObject({ samples: 0, still_open: 0 });
  });

  it('take the lead time from the data to the end of a completed rollout, by nearest rank', () => {
    // 10, 20 and 40 hours; one of unknown data, one aborted, one before the range.
    const rollouts = [
      rollout(1, 0, { endedAt: '2001-03-31T23:00:00Z', dataAt: '2001-03-31T00:00:00Z' }), rollout(2, 10, { dataAt: at(2) }), rollout(3, 20, { dataAt: at(3) }),
      rollout(4, 0), rollout(5, 16, { dataAt: at(4) }), rollout(6, 0, { dataAt: at(5), outcome: 'aborted' }),
    ];
    expect(computeFigures(rollouts, [], range).lead_time).toMatchObject({
      samples: 3, median_seconds: hours(20), p90_seconds: hours(40), rollouts_without_known_data: 1,
    });
  });

  it('count rollouts per day, and the time between those of one deployment', () => {
    // Four in ten days; 24 and 48 hours between those of one deployment.
    const rollouts = [rollout(2, 0), rollout(2, 12, { deployment: 'other' }), rollout(3, 0), rollout(5, 0), rollout(11, 0)];
    expect(computeFigures(rollouts, [], range).deployment_frequency).toMatchObject({
      rollouts: 4, rollouts_per_day: 0.4, samples: 2, median_seconds: hours(24), p90_seconds: hours(48),
    });
  });

  it('hold against a rollout that it was aborted, rolled back, or followed by an incident in time', () => {
    const rollouts = [
      rollout(1, 6, { outcome: 'aborted' }),
      // Followed by an incident after 24 hours sharp.
      rollout(2, 0, { version: 2 }),
      // Rolled back after 12 hours; what opened after that is the next one's.
      rollout(4, 0, { version: 4 }), rollout(4, 12, { version: 2 }),
      // Fine: its incident is of another deployment, and one is too late.
      rollout(7, 0, { version: 5 }),
    ];
    const incidents: Incident[] = [
      { deployment: 'late', openedAt: at(3) }, { deployment: 'late', openedAt: at(4, 13) }, { deployment: 'other', openedAt: at(7, 1) },
      { deployment: 'late', openedAt: at(8, 1) },
    ];
    expect(computeFigures(rollouts, incidents, range).change_failure_rate).toMatchObject({
      samples: 5, ratio: 0.8, aborted: 1, rolled_back: 1, followed_by_incident: 2,
    });
  });

  it('take the time to restore up to the resolution or the next rollout, whichever is earlier', () => {
    // 5 hours by resolution, 3 hours by rollout, one that is open, one before the range.
    const incidents: Incident[] = [
      { deployment: 'late', openedAt: '2001-03-31T00:00:00Z', resolvedAt: at(1) }, { deployment: 'late', openedAt: at(2), resolvedAt: at(2, 5) },
      { deployment: 'late', openedAt: at(3), resolvedAt: at(9) }, { deployment: 'other', openedAt: at(4) },
    ];
    const rollouts = [rollout(3, 2, { outcome: 'aborted' }), rollout(3, 3)];
    expect(computeFigures(rollouts, incidents, range).time_to_restore).toMatchObject({ samples: 2, median_seconds: hours(3), p90_seconds: hours(5), still_open: 1 });
  });
});
