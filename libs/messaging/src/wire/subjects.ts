import { streamCategory } from '@cairn/kernel';
import { MessagingError } from '../errors.js';

/** Every subject of `CAIRN_EVENTS`. */
export const EVENT_SUBJECTS = 'cairn.>';
/** Every subject of `CAIRN_DEAD_LETTERS`. Another root, or the dead letters would be copied into the events. */
export const DEAD_LETTER_SUBJECTS = 'cairn-dead-letters.>';

/**
 * `cairn.registry.v1.VersionPromoted` in `model-version-<uuid>` → `cairn.registry.model-version.VersionPromoted`. Never throws: the copy
 * of the log has no holes, so an event whose type is none of ours needs a subject too, `cairn.other.<aggregate>.<type>`.
 */
export function eventSubject(type: string, stream: string): string {
  const [, service, event] = EVENT_TYPE.exec(type) ?? [undefined, 'other', token(type)];
  return `cairn.${service}.${token(streamCategory(stream))}.${event}`;
}

/**
 * Everything of one event name, whatever aggregate recorded it. The version of the type is not in the subject: a handler lets other
 * versions pass by.
 */
export function eventFilter(type: string): string {
  const { service, event } = partsOf(type);
  return `cairn.${service}.*.${event}`;
}

/**
 * Durable consumer of one handler for one type, e.g. `training-scheduler_on-drift-detected_monitoring-DriftDetected`. Renaming it
 * makes a new consumer that begins anew.
 */
export function durableName(service: string, handler: string, type: string): string {
  const parts = partsOf(type);
  return [service, handler, `${parts.service}-${parts.event}`].map(token).join('_');
}

/** One subject per handler and event, so that the stream keeps one letter of them however often it is written. */
export function deadLetterSubject(service: string, handler: string, position: bigint): string {
  return `cairn-dead-letters.${token(service)}.${token(handler)}.${position}`;
}

const EVENT_TYPE = /^cairn\.([a-z_]+)\.v\d+\.([A-Za-z0-9]+)$/;

function partsOf(type: string): { service: string; event: string } {
  const [, service, event] = EVENT_TYPE.exec(type) ?? [];
  if (service === undefined || event === undefined) {
    throw new MessagingError('INVALID_HANDLER', `"${type}" is no event type: it reads cairn.<service>.v<number>.<Event>.`);
  }
  return { service, event };
}

/** What NATS gives a meaning to, or refuses in a name, becomes a dash. */
function token(text: string): string {
  return text.replace(/[^A-Za-z0-9_-]/g, '-') || '-';
}
