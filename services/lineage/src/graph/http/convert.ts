import type { JsonObject } from '@cairn/kernel';
import type { GraphEdge, GraphNode, NodeFactView } from '../views/graph/graph.query.js';

export interface NodeResponse {
  readonly id: string;
  readonly kind: string;
  readonly label: string;
  readonly first_position: string;
  readonly attributes: JsonObject;
}

export interface EdgeResponse {
  readonly from: string;
  readonly to: string;
  readonly relation: string;
  readonly position: string;
  readonly event_id: string;
  readonly event_type: string;
  readonly time: string;
}

export interface FactResponse {
  readonly position: string;
  readonly event_id: string;
  readonly event_type: string;
  readonly time: string;
  readonly actor: string;
  readonly attributes: JsonObject;
}

export interface GraphResponse {
  /** Null before the first event. */
  readonly as_of_position: string | null;
  readonly nodes: readonly NodeResponse[];
  readonly edges: readonly EdgeResponse[];
  readonly truncated: boolean;
}

export function convertNode({ id, kind, label, firstPosition, attributes }: GraphNode): NodeResponse {
  return { id, kind, label, first_position: firstPosition, attributes };
}

export function convertEdge({ from, to, relation, position, eventId, eventType, time }: GraphEdge): EdgeResponse {
  return { from, to, relation, position, event_id: eventId, event_type: eventType, time };
}

export function convertFact({ position, eventId, eventType, time, actor, attributes }: NodeFactView): FactResponse {
  return { position, event_id: eventId, event_type: eventType, time, actor, attributes };
}

export function convertPosition(position: bigint): string | null {
  return position < 0n ? null : String(position);
}
