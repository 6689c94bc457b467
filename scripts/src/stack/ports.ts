import { EmbeddedError, freePort, isPortFree } from '@cairn/embedded';
import { placements, type ServiceName } from '@cairn/service';

import { type PartName, partNames } from './parts.js';

/** `any` takes free ports; otherwise all lie near `base`, and those in `each` where they say. */
export type PortPlan = 'any' | { readonly base?: number; readonly each?: Readonly<Partial<Record<PartName, number>>> };
export type Ports = Readonly<Record<PartName, number>>;

export const DEFAULT_BASE = placements.gateway.defaultPort;
/** A person needs to see which, not each. */
const SHOWN = 3;
const OFFSETS = { 'serving-grpc': 16, nats: 22, postgres: 32 } as const;

/**
 * Decides the port of every part and makes sure that nobody else has those that we are going to open: one sentence for all that are taken,
 * before anything has been started.
 */
export async function choosePorts(plan: PortPlan, opened: readonly PartName[]): Promise<Ports> {
  if (plan === 'any') return freePorts();
  const { base = DEFAULT_BASE, each = {} } = plan;
  const entries = partNames.map((part) => [part, each[part] ?? base + offsetOf(part)] as const);
  const taken: string[] = [];
  const users = new Map<number, PartName>();
  for (const [part, port] of entries.filter(([part]) => opened.includes(part))) {
    const other = users.get(port);
    if (other !== undefined) taken.push(`${port} is given to both ${other} and ${part}`);
    else if (!(await isPortFree(port))) taken.push(`${port} (${part}) is taken by another program`);
    users.set(port, part);
  }
  if (taken.length > 0) {
    const example = /\((.*?)\)/.exec(taken[0] ?? '')?.[1] ?? 'serving';
    const more = taken.length > SHOWN ? `; and ${taken.length - SHOWN} more` : '';
    throw new EmbeddedError(
      'PORT_TAKEN',
      `Port ${taken.slice(0, SHOWN).join('; port ')}${more}. Give a part another port with --port ${example}=<n>, or move all of them with --port-base <n> (now ${base}).`,
    );
  }
  return Object.fromEntries(entries) as Record<PartName, number>;
}

function offsetOf(part: PartName): number {
  return isService(part) ? placements[part].defaultPort - DEFAULT_BASE : OFFSETS[part];
}

function isService(part: PartName): part is ServiceName {
  return part in placements;
}

async function freePorts(): Promise<Ports> {
  const distinct = new Set<number>();
  while (distinct.size < partNames.length) distinct.add(await freePort());
  const ports = [...distinct];
  return Object.fromEntries(partNames.map((part, index) => [part, ports[index]])) as Record<PartName, number>;
}
