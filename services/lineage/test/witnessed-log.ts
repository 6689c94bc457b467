import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cosignature, generateKey, parseSigner, signNote, type KeyPair } from '@cairn/transparency';
import { startTestService, tempDir, waitUntil, type TestDatabase, type TestService } from '@cairn/testing';
import { createWitnessKey, startWitness, type RunningWitness } from '@cairn/witness';
import { service } from '../src/app.module.js';
import { append } from './story.js';

export const ORIGIN = 'log.example/witnessed';

interface Place {
  readonly name: string;
  readonly folder: string;
  readonly verifierKey: string;
  port: number;
  running: RunningWitness | undefined;
}

/** A service that keeps a log, and witnesses that are real servers, each with a key and a state of its own. */
export class WitnessedLog {
  readonly dataDir = tempDir('lineage');
  readonly logKeys: KeyPair = generateKey(ORIGIN);
  private readonly folder = tempDir('witnesses');
  private readonly places = new Map<string, Place>();
  private readonly liars: Server[] = [];
  private readonly services: TestService[] = [];

  constructor(readonly database: TestDatabase) {}

  async close(): Promise<void> {
    for (const one of this.services.splice(0)) await one.close();
    for (const { running } of this.places.values()) await running?.close();
    for (const liar of this.liars) liar.close();
  }

  /** Starts a witness that knows the log by its key and by `alsoKnown`, or starts it again with its state and its port. */
  async startWitness(name: string, alsoKnown = ''): Promise<void> {
    let place = this.places.get(name);
    if (place === undefined) {
      const folder = join(this.folder, name);
      place = { name, folder, verifierKey: await createWitnessKey(join(folder, 'key'), `${name}.example`), port: 0, running: undefined };
      await writeFile(join(folder, 'logs'), `${this.logKeys.verifierKey}\n${alsoKnown}\n`);
      this.places.set(name, place);
    }
    const { folder, port } = place;
    place.running = await startWitness({ keyFile: join(folder, 'key'), stateDir: join(folder, 'state'), logsFile: join(folder, 'logs'), port });
    place.port = Number(new URL(place.running.url).port);
  }

  async stopWitness(name: string): Promise<void> {
    const place = this.place(name);
    await place.running?.close();
    place.running = undefined;
  }

  /** `add-checkpoint` of a witness, asked by somebody who has the log's key. */
  async ask(name: string, body: string): Promise<number> {
    return (await fetch(`http://127.0.0.1:${this.place(name).port}/add-checkpoint`, { method: 'POST', body })).status;
  }

  /** A witness that signs another text than the one that it was asked about. */
  async startLiar(name: string): Promise<void> {
    const { verifierKey, signingKey } = generateKey(`${name}.example`, cosignature);
    const signer = parseSigner(signingKey, [cosignature]);
    const server = createServer((request, response) => {
      request.resume().on('end', () => response.end(signNote('another text\n', [signer]).split('\n\n')[1]));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    this.liars.push(server);
    this.places.set(name, { name, folder: '', verifierKey, port: (server.address() as AddressInfo).port, running: undefined });
  }

  /** A witness that takes requests and never answers. */
  async startSilent(name: string): Promise<void> {
    const server = createServer(() => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    this.liars.push(server);
    const { verifierKey } = generateKey(`${name}.example`, cosignature);
    this.places.set(name, { name, folder: '', verifierKey, port: (server.address() as AddressInfo).port, running: undefined });
  }

  /** Text of a policy over all witnesses that were started. */
  policyText(quorum: string): string {
    const witnesses = [...this.places.values()].map(({ name, verifierKey, port }) => `witness ${name} ${verifierKey} http://127.0.0.1:${port}/\n`);
    return `log ${this.logKeys.verifierKey}\n${witnesses.join('')}group quorum-group ${quorum} ${[...this.places.keys()].join(' ')}\nquorum quorum-group\n`;
  }

  /** Starts the service; without a policy, one that publishes what it signs. */
  async start(policy?: string, settings: Readonly<Record<string, string>> = {}, keyText = `${this.logKeys.signingKey}\n`): Promise<TestService> {
    const keyFile = join(this.folder, 'log.key');
    await writeFile(keyFile, keyText, { mode: 0o600 });
    const policyFile = join(this.folder, 'policy');
    if (policy !== undefined) await writeFile(policyFile, policy);
    const started = await startTestService(service, {
      database: this.database,
      config: { dataDir: this.dataDir },
      settings: { CAIRN_LOG_KEY_FILE: keyFile, CAIRN_LOG_SIGN_INTERVAL_MS: '20', ...(policy !== undefined && { CAIRN_LOG_POLICY_FILE: policyFile }), ...settings },
    });
    this.services.push(started);
    return started;
  }

  async stop(one: TestService): Promise<void> {
    await this.services.splice(this.services.indexOf(one), 1)[0]?.close();
  }

  private place(name: string): Place {
    const place = this.places.get(name);
    if (place === undefined) throw new TypeError(`no witness ${name} was started`);
    return place;
  }
}

export async function tell(service: TestService, count: number): Promise<void> {
  await append(service, Array.from({ length: count }, (_, at) => ['cairn.catalog.v1.DatasetVersionQuarantined', { versionId: `version-${at}` }] as const));
}

/** The note at `/checkpoint`, once it covers so many events. */
export function published(service: TestService, size: number): Promise<string> {
  return waitUntil(`a public checkpoint over ${size} events`, async () => {
    const { body } = await service.fetchJson('GET', '/checkpoint');
    return typeof body === 'string' && body.split('\n')[1] === String(size) && body;
  });
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- what the route answers is what the specs are about
export async function logSize(service: TestService): Promise<any> {
  return (await service.fetchJson('GET', '/lineage/v1/log/size')).body;
}

/** Once the witnesses were asked about a tree of so many events. */
export function askedAbout(service: TestService, size: number): ReturnType<typeof logSize> {
  return waitUntil(`the witnesses were asked about ${size} events`, async () => {
    const answer = await logSize(service);
    return answer.cosigning?.size === String(size) && answer;
  });
}
