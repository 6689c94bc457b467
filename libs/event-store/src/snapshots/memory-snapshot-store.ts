import type { Snapshot, SnapshotStore } from './snapshot-store.js';

/** For specs. */
export class MemorySnapshotStore implements SnapshotStore {
  private readonly kept = new Map<string, Map<number, Snapshot>>();
  private closed = false;

  async find(stream: string, version: number): Promise<Snapshot | undefined> {
    return this.kept.get(stream)?.get(version);
  }

  async save(snapshot: Snapshot): Promise<void> {
    if (this.closed) return;
    const others = [...(this.kept.get(snapshot.stream) ?? [])].filter(([version]) => version > snapshot.version);
    this.kept.set(snapshot.stream, new Map([...others, [snapshot.version, snapshot]]));
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}
