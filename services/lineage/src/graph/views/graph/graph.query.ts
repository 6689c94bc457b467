import type { JsonObject } from '@cairn/kernel';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { nameAlias } from '../../mapping/graph-change.js';
import { GraphAliasRow } from './graph-alias.entity.js';

export type Direction = 'up' | 'down' | 'both';

export interface GraphNode {
  readonly id: string;
  readonly kind: string;
  readonly label: string;
  readonly firstPosition: string;
  /** All that was known at the position asked for. */
  readonly attributes: JsonObject;
}

export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  readonly relation: string;
  readonly position: string;
  readonly eventId: string;
  readonly eventType: string;
  readonly time: string;
}

export interface Graph {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
  /** More was reachable than was asked for or allowed. */
  readonly truncated: boolean;
}

export interface NodeFactView {
  readonly position: string;
  readonly eventId: string;
  readonly eventType: string;
  readonly time: string;
  readonly actor: string;
  readonly attributes: JsonObject;
}

export interface Reach {
  readonly workspace: string;
  /** The graph as it was when the event at this position was the last one. */
  readonly position: bigint;
  readonly direction: Direction;
  readonly depth: number;
  readonly maxNodes: number;
}

const MAX_INTO = 2_000;
const EDGE_COLUMNS = `from_id AS "from", to_id AS "to", relation, position, event_id AS "eventId", event_type AS "eventType", time`;

@Injectable()
export class GraphQuery {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  /** Of the last event that is not later than `time` (RFC 3339 UTC with microseconds); undefined when all are later. */
  async positionAt(time: string): Promise<bigint | undefined> {
    return this.positionOf('SELECT position FROM graph_fact WHERE time <= $1 ORDER BY time DESC, position DESC LIMIT 1', [time]);
  }

  /** The node as it was at the position; undefined when it was not there yet. */
  async node(workspace: string, id: string, position: bigint): Promise<GraphNode | undefined> {
    const [found] = await this.nodes(workspace, [id], position);
    return found;
  }

  /** The node of this id, or of this name: `deployment:flight-delay` is the deployment that is called so in the workspace. */
  async find(workspace: string, idOrName: string, position: bigint): Promise<GraphNode | undefined> {
    const node = await this.node(workspace, idOrName, position);
    if (node !== undefined) return node;
    const [kind, name] = [idOrName.slice(0, idOrName.indexOf(':')), idOrName.slice(idOrName.indexOf(':') + 1)];
    const alias = await this.dataSource.manager.findOneBy(GraphAliasRow, { alias: nameAlias(kind, workspace, name) });
    return alias === null ? undefined : this.node(workspace, alias.nodeId, position);
  }

  /** What was said about a node, oldest first; after a position, at most `limit`. */
  async facts(id: string, upTo: bigint, limit: number, after = -1n): Promise<NodeFactView[]> {
    return this.dataSource.query<NodeFactView[]>(
      `SELECT position, event_id AS "eventId", event_type AS "eventType", time, actor, attributes FROM graph_fact
       WHERE node_id = $1 AND position <= $2 AND position > $3 ORDER BY position LIMIT $4`,
      [id, String(upTo), String(after), limit],
    );
  }

  /** Walks from a node, nearest first, until `depth` steps or `maxNodes` nodes. */
  async around(start: string, reach: Reach): Promise<Graph> {
    const seen = new Set([start]);
    const edges = new Map<string, GraphEdge>();
    let frontier = [start];
    let truncated = false;
    for (let step = 0; frontier.length > 0 && !truncated; step += 1) {
      const next: string[] = [];
      // One step beyond the depth only tells whether there is more.
      const found = await this.edgesAt(frontier, reach);
      truncated = found.length === edgeLimit(reach);
      for (const edge of found) {
        const other = [edge.from, edge.to].find((id) => !seen.has(id));
        if (other !== undefined && (step === reach.depth || seen.size === reach.maxNodes)) {
          truncated = true;
          continue;
        }
        if (other !== undefined) {
          seen.add(other);
          next.push(other);
        }
        edges.set(`${edge.from} ${edge.relation} ${edge.to}`, edge);
      }
      frontier = next;
    }
    return this.withNodes(reach, [...seen], [...edges.values()], truncated);
  }

  /** Edges that lead into any of the nodes, known at the position, oldest first. */
  async edgesInto(ids: readonly string[], position: bigint): Promise<GraphEdge[]> {
    return this.edgesAt(ids, { position, direction: 'up', maxNodes: MAX_INTO });
  }

  /** Every node of the workspace in the order of appearance, and the edges between those shown. */
  async everything({ workspace, position, maxNodes }: Pick<Reach, 'workspace' | 'position' | 'maxNodes'>): Promise<Graph> {
    const rows = await this.dataSource.query<{ id: string }[]>(
      `SELECT node_id AS id FROM graph_node WHERE workspace = $1 AND first_position <= $2 ORDER BY first_position, node_id LIMIT $3`,
      [workspace, String(position), maxNodes + 1],
    );
    const ids = rows.slice(0, maxNodes).map(({ id }) => id);
    const edges = await this.dataSource.query<GraphEdge[]>(
      `SELECT ${EDGE_COLUMNS} FROM graph_edge WHERE position <= $1 AND from_id = ANY($2) AND to_id = ANY($2) ORDER BY position, from_id, to_id, relation`,
      [String(position), ids],
    );
    return this.withNodes({ workspace, position }, ids, edges, rows.length > maxNodes);
  }

  private async edgesAt(frontier: readonly string[], reach: Pick<Reach, 'position' | 'direction' | 'maxNodes'>): Promise<GraphEdge[]> {
    const sides = { up: 'to_id = ANY($2)', down: 'from_id = ANY($2)', both: '(to_id = ANY($2) OR from_id = ANY($2))' };
    return this.dataSource.query<GraphEdge[]>(
      `SELECT ${EDGE_COLUMNS} FROM graph_edge WHERE position <= $1 AND ${sides[reach.direction]} ORDER BY position, from_id, to_id, relation LIMIT $3`,
      [String(reach.position), frontier, edgeLimit(reach)],
    );
  }

  /** An edge may name a node of which no event has told, e.g. a run of another system: such an edge is not shown. */
  private async withNodes(at: Pick<Reach, 'workspace' | 'position'>, ids: readonly string[], edges: readonly GraphEdge[], truncated: boolean): Promise<Graph> {
    const nodes = await this.nodes(at.workspace, ids, at.position);
    const known = new Set(nodes.map(({ id }) => id));
    return { nodes, edges: edges.filter(({ from, to }) => known.has(from) && known.has(to)), truncated };
  }

  /** Those of the nodes that were there at the position, in the order of appearance. */
  async nodes(workspace: string, ids: readonly string[], position: bigint): Promise<GraphNode[]> {
    // Of several values with one name, jsonb_object_agg keeps the last.
    return this.dataSource.query<GraphNode[]>(
      `SELECT node_id AS id, kind, label, first_position AS "firstPosition", said.attributes
       FROM graph_node CROSS JOIN LATERAL (
         SELECT coalesce(jsonb_object_agg(key, value ORDER BY position), '{}') AS attributes FROM graph_fact CROSS JOIN LATERAL jsonb_each(graph_fact.attributes)
         WHERE graph_fact.node_id = graph_node.node_id AND position <= $3) AS said
       WHERE workspace = $1 AND node_id = ANY($2) AND first_position <= $3 ORDER BY first_position, node_id`,
      [workspace, ids, String(position)],
    );
  }

  private async positionOf(sql: string, parameters: unknown[]): Promise<bigint | undefined> {
    const [row] = await this.dataSource.query<{ position: string | null }[]>(sql, parameters);
    return row?.position == null ? undefined : BigInt(row.position);
  }
}

/** Two nodes seldom have more than a few edges between them; the cap keeps one popular node from filling the memory. */
function edgeLimit({ maxNodes }: Pick<Reach, 'maxNodes'>): number {
  return maxNodes * 8;
}
