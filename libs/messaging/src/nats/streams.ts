import {
  DiscardPolicy,
  JetStreamApiError,
  RetentionPolicy,
  StorageType,
  type JetStreamManager,
  type StreamConfig,
  type StreamInfo,
} from '@nats-io/jetstream';
import { MessagingError } from '../errors.js';
import { DEAD_LETTER_SUBJECTS, EVENT_SUBJECTS } from '../wire/subjects.js';

export const EVENTS_STREAM = 'CAIRN_EVENTS';
export const DEAD_LETTERS_STREAM = 'CAIRN_DEAD_LETTERS';
const STREAM_NOT_FOUND = 10059;

type StreamRules = Partial<StreamConfig> & Pick<StreamConfig, 'name' | 'subjects'>;

/** Nothing ever leaves it: sequence = position + 1 holds only for a stream without holes. */
const EVENTS: StreamRules = {
  name: EVENTS_STREAM,
  subjects: [EVENT_SUBJECTS],
  storage: StorageType.File,
  retention: RetentionPolicy.Limits,
  max_age: 0,
  max_msgs: -1,
  max_bytes: -1,
  max_msgs_per_subject: -1,
  discard: DiscardPolicy.New,
  deny_delete: true,
  deny_purge: true,
};

/** Operators may delete from it. One letter per handler and event: see `deadLetterSubject`. */
const DEAD_LETTERS: StreamRules = {
  name: DEAD_LETTERS_STREAM,
  subjects: [DEAD_LETTER_SUBJECTS],
  storage: StorageType.File,
  retention: RetentionPolicy.Limits,
  max_age: 0,
  max_msgs: -1,
  max_bytes: -1,
  max_msgs_per_subject: 1,
  discard: DiscardPolicy.Old,
};

/**
 * Creates both streams where they are missing, and answers what the events' one is like. Throws STREAM_UNSUITABLE when one exists with
 * other rules: changing them might lose what somebody else put there.
 */
export async function ensureStreams(jsm: JetStreamManager, replicas: number): Promise<StreamInfo> {
  await ensure(jsm, DEAD_LETTERS, replicas);
  return ensure(jsm, EVENTS, replicas);
}

async function ensure(jsm: JetStreamManager, rules: StreamRules, replicas: number): Promise<StreamInfo> {
  const existing = await jsm.streams.info(rules.name).catch((error: unknown) => {
    if (isStreamNotFound(error)) return undefined;
    throw error;
  });
  // Two processes may create it at once: the same configuration twice is accepted.
  const info = existing ?? (await jsm.streams.add({ ...rules, num_replicas: replicas }));
  const found = new Map<string, unknown>(Object.entries(info.config));
  const problems = Object.entries(rules).filter(([key, wanted]) => !isSame(wanted, found.get(key)));
  if (problems.length > 0) {
    const wanted = problems.map(([key, value]) => `${key} ${JSON.stringify(value)}`).join(', ');
    throw new MessagingError('STREAM_UNSUITABLE', `The JetStream stream ${rules.name} exists with other rules. Edit it so that it has ${wanted}.`);
  }
  return info;
}

function isSame(wanted: unknown, found: unknown): boolean {
  // The server leaves false out.
  return JSON.stringify(wanted) === JSON.stringify(found ?? false);
}

export function isStreamNotFound(error: unknown): boolean {
  return error instanceof JetStreamApiError && error.code === STREAM_NOT_FOUND;
}
