import type { JsonObject, JsonValue } from '@cairn/kernel';

export type NodeKind =
  | 'contract'
  | 'dataset'
  | 'dataset-version'
  | 'deployment'
  | 'experiment'
  | 'feature-service'
  | 'feature-view'
  | 'freeze'
  | 'incident'
  | 'job'
  | 'label-batch'
  | 'logged-model'
  | 'materialisation'
  | 'model'
  | 'model-version'
  | 'monitor'
  | 'origin'
  | 'prediction-loss'
  | 'replica'
  | 'rollout'
  | 'run'
  | 'segment'
  | 'trace'
  | 'training-set'
  | 'trigger'
  | 'webhook'
  | 'workspace';

/** `<kind>:<id>`, e.g. `model-version:0197…`. */
export type NodeId = `${NodeKind}:${string}`;

/** What an event says about a node. Attributes of later events replace those of the same name. */
export interface NodeFact {
  readonly id: NodeId;
  /** Of the event that first mentions the node; later ones do not rename it. */
  readonly label: string;
  readonly attributes: JsonObject;
}

/** Another name of a node, by which other events mean it: the name of a dataset, the digest of its content. */
export interface Alias {
  readonly alias: string;
  readonly node: NodeId;
}

/** A node, or whatever node has the alias; where none has, there is no edge. */
export type NodeRef = NodeId | { readonly alias: string };

/** Lineage flows from `from` to `to`: upstream is where something came from. */
export interface EdgeFact {
  readonly from: NodeRef;
  readonly relation: string;
  readonly to: NodeRef;
}

/** Everything that one event changes in the graph. */
export interface GraphChange {
  readonly nodes: readonly NodeFact[];
  readonly edges?: readonly EdgeFact[];
  readonly aliases?: readonly Alias[];
}

const BARE_UUID = /^([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/;

/** MLflow writes a UUID without dashes; both forms are one node. */
export function nodeId(kind: NodeKind, id: string): NodeId {
  return `${kind}:${id.replace(BARE_UUID, '$1-$2-$3-$4-$5')}`;
}

/** A new version of a definition is a node of its own, e.g. `feature-view:<id>@2`. */
export function versionedNodeId(kind: NodeKind, id: string, version: number): NodeId {
  return nodeId(kind, `${id}@${version}`);
}

export function node(id: NodeId, label: string, attributes: Readonly<Record<string, Attribute>> = {}): NodeFact {
  const kept = Object.entries(attributes).flatMap(([name, value]) => (value === undefined ? [] : [[name, toJson(value)] as const]));
  return { id, label, attributes: Object.fromEntries(kept) };
}

export function edge(from: NodeRef, relation: string, to: NodeRef): EdgeFact {
  return { from, relation, to };
}

/** Names hold within a workspace. */
export function nameAlias(kind: string, workspace: string, name: string): string {
  return `name:${kind}:${workspace}/${name}`;
}

// MLflow's clients cut a digest to 36 characters, with or without `sha256:`: 29 hex digits are always left, and tell content apart.
const DIGEST = /^(?:sha256:)?([0-9a-f]{29})/;

/** Undefined for a text that is not the beginning of a SHA-256. */
export function digestAlias(workspace: string, digest: string): string | undefined {
  const [, hex] = DIGEST.exec(digest) ?? [];
  return hex === undefined ? undefined : `digest:${workspace}/${hex}`;
}

export type Attribute = JsonValue | bigint | undefined | readonly Attribute[] | { readonly [name: string]: Attribute };

/** Counts are numbers (below 2^53), and fields that an event does not have are left out. */
function toJson(value: Attribute): JsonValue {
  if (typeof value === 'bigint') return Number(value);
  if (value === undefined) return null;
  if (typeof value !== 'object' || value === null) return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
  if (Array.isArray(value)) return value.map(toJson);
  return Object.fromEntries(Object.entries(value).flatMap(([name, inner]) => (inner === undefined ? [] : [[name, toJson(inner as Attribute)] as const])));
}
