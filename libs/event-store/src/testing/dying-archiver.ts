import { openObjectStore, type ObjectStore } from '@cairn/object-store';
import { archiveLog } from '../postgres/archive/archive-log.js';

// A process that archives a log and dies, by SIGKILL, when it comes to a given moment. Arguments: URLs of the database and of the object store, where to archive to,
// events per segment, and the moment: `put`, `kept`, `read`, or a step of archiveLog.
const [url = '', objectsUrl = '', before = '0', maxEvents = '1', fatal = ''] = process.argv.slice(2);

function comeTo(moment: string): void {
  if (moment === fatal) process.kill(process.pid, 'SIGKILL');
}

const objects = await openObjectStore(objectsUrl);
const mortal: Pick<ObjectStore, 'put' | 'read'> = {
  put: async (content) => {
    comeTo('put');
    const stored = await objects.put(content);
    comeTo('kept');
    return stored;
  },
  read: async (digest, options) => {
    comeTo('read');
    return objects.read(digest, options);
  },
};
await archiveLog(BigInt(before), { url, objects: mortal, limits: { maxEvents: Number(maxEvents) }, onStep: ({ step }) => comeTo(step) });
