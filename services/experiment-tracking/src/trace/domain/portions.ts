import type { Assessment, Tag } from './commands.js';

/** What one event may carry of a list. An event has at most 60 KB; the largest tag (250 and 8,000 characters) still fits. */
const BUDGET_BYTES = 40_000;
/** What TraceStarted carries of metadata and tags beside two previews, which are sealed and so a third longer. */
const BESIDE_BYTES = 8_000;

/** Cuts tags, in order, into lists that fit one event each. */
export function portions(tags: readonly Tag[]): readonly (readonly Tag[])[] {
  const cut: Tag[][] = [];
  let room = 0;
  for (const tag of tags) {
    const bytes = sizeBytes(tag);
    const current = cut.at(-1);
    if (current === undefined || bytes > room) {
      cut.push([tag]);
      room = BUDGET_BYTES - bytes;
    } else {
      current.push(tag);
      room -= bytes;
    }
  }
  return cut;
}

/** Whether they fit an event that carries much else. */
export function fitBeside(...lists: readonly (readonly Tag[])[]): boolean {
  return lists.flat().reduce((sum, tag) => sum + sizeBytes(tag), 0) <= BESIDE_BYTES;
}

export function fitsOneEvent(assessment: Assessment): boolean {
  return sizeBytes(assessment) <= BUDGET_BYTES;
}

/** As UTF-8 JSON, which is how events are kept. */
function sizeBytes(value: Tag | Assessment): number {
  return new TextEncoder().encode(JSON.stringify(value)).length;
}
