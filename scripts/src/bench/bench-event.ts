import type { NewEvent, StoredRecord } from '@cairn/event-store';
import { MemoryEventStore } from '@cairn/event-store';

const PAYLOAD_BYTES = 500;
/** Several processes append to one log. */
const PROCESS = (process.pid % 4_096).toString(16).padStart(3, '0');
let issued = 0;

/** Ids in order of time, as UUIDv7 are, for next to nothing: making ids is nobody's contest here. */
export function nextId(): string {
  issued += 1;
  return `01900000-0000-7000-8${PROCESS}-${issued.toString(16).padStart(12, '0')}`;
}

const METRICS = [
  { key: 'auc', value: 0.7123456, step: '100' },
  { key: 'loss', value: 0.4123456, step: '100' },
];

function payload(note: string): NewEvent['data'] {
  return { runId: nextId(), status: 'FINISHED', metrics: METRICS, gates: { criteriaMet: true, certified: false }, note };
}

const NOTE = 'x'.repeat(PAYLOAD_BYTES - JSON.stringify(payload('')).length);

/** About 500 bytes of data with the keys of a domain event, not in canonical order. */
export function benchEvent(): NewEvent {
  return {
    id: nextId(),
    type: 'cairn.bench.v1.RunFinished',
    data: payload(NOTE),
    meta: { source: '/bench', workspace: 'default', actor: { principal: 'bench' }, correlationId: nextId() },
  };
}

/** Rows as the store makes them, hashed already: the others only have to insert them. */
export async function benchRecords(count: number): Promise<readonly StoredRecord[]> {
  const store = new MemoryEventStore();
  for (let index = 0; index < count; index += 1) await store.append([{ stream: `run-${nextId()}`, expected: 'none', events: [benchEvent()] }]);
  return (await store.readRecords(0n, { limit: count })).events;
}
