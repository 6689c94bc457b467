import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Node counts a connection as idle only after its first request: one that never sent a byte, as browsers open ahead, would hold a shutdown up for a minute.
 * Answers what closes them, and from then on every new one.
 */
export function trackSilentConnections(server: Server): () => void {
  const open = new Set<Socket>();
  let closing = false;
  server.on('connection', (socket) => {
    if (closing) {
      socket.destroy();
      return;
    }
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  return () => {
    closing = true;
    for (const socket of open) if (socket.bytesRead === 0) socket.destroy();
  };
}
