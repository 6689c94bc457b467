interface Restartable {
  restart(): Promise<void>;
}

const MAX_RESTARTS = 3;
const WITHIN_MS = 60_000;

/**
 * What to do when a server ends although nobody asked it to: start it again, and give up when that happens too often. Services reconnect
 * by themselves.
 */
export function keepRunning(server: () => Restartable | undefined, notice: (line: string) => void, onFailure: (error: Error) => void): (error: Error) => void {
  let ends: number[] = [];
  return (error) => {
    notice(error.message);
    const now = performance.now();
    ends = [...ends.filter((then) => now - then < WITHIN_MS), now];
    const target = server();
    if (target === undefined || ends.length > MAX_RESTARTS) {
      onFailure(error);
      return;
    }
    notice('Starting it again.');
    target.restart().catch(onFailure);
  };
}
