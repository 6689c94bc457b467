import { Agent, request } from 'node:http';

/** What a benchmark of MLflow's REST API is run against: a server with its experiments and runs. */
export interface Side {
  readonly name: string;
  send(method: 'GET' | 'POST', path: string, body?: object): Promise<string>;
  close(): void;
}

/** Keeps its connections, as MLflow's client does. Rejects for an answer that is not 200, with its beginning and the end of what the server has `said`. */
export function openSide(name: string, url: string, said: () => string = () => ''): Side {
  const agent = new Agent({ keepAlive: true });
  const send: Side['send'] = (method, path, body) =>
    new Promise((resolve, reject) => {
      const text = body === undefined ? undefined : JSON.stringify(body);
      const headers = text === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
      const sent = request(`${url}/api/2.0/mlflow/${path}`, { method, agent, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.once('error', reject);
        response.once('end', () => {
          const answer = Buffer.concat(chunks).toString();
          if (response.statusCode === 200) resolve(answer);
          else reject(new Error(`${name} answered ${method} ${path} with ${response.statusCode}: ${answer.slice(0, 300)}\n${said()}`));
        });
      });
      sent.once('error', reject);
      sent.end(text);
    });
  return { name, send, close: () => agent.destroy() };
}
