import { hashLeaf, sameHash, TileWriter } from '@cairn/transparency';
import { Differs } from '../exit.js';
import { writeDurably } from '../files.js';
import type { Gateway } from '../gateway.js';
import { checkpointFile, keyFile, openSigned, summaryOf, type CopySummary } from './copy.js';

const PAGE = 1_000;

/**
 * Copies what is signed now. The events are hashed as they come: a log that does not make its own signed root leaves no file, and is Differs.
 */
export async function exportLog(gateway: Gateway, path: string): Promise<CopySummary> {
  const [key, note] = [await gateway.verifierKey(), await gateway.checkpoint()];
  const checkpoint = openSigned(note, key);
  await writeDurably(path, async (file) => {
    const writer = new TileWriter();
    while (writer.size < checkpoint.size) {
      const { events } = await gateway.events(writer.size, PAGE);
      const lines: string[] = [];
      for (const { position, body } of events) {
        if (writer.size === checkpoint.size) break;
        if (position !== String(writer.size)) throw new Differs(`The log answers position ${position} where ${writer.size} follows.`);
        writer.append(hashLeaf(body));
        lines.push(`${JSON.stringify({ position, body })}\n`);
      }
      if (lines.length === 0) throw new Differs(`The log ends at ${writer.size}, but ${checkpoint.size} events were signed.`);
      writer.takeTiles();
      await file.appendFile(lines.join(''));
    }
    if (!sameHash(writer.root(), checkpoint.root)) {
      throw new Differs('The log’s events do not make the root that it signed. `cairn audit bundle` makes a bundle whose verification names the first bad position.');
    }
    // Before the events appear: who finds them finds these too.
    await writeDurably(checkpointFile(path), (beside) => beside.writeFile(note));
    await writeDurably(keyFile(path), (beside) => beside.writeFile(`${key}\n`));
  });
  return summaryOf(checkpoint);
}
