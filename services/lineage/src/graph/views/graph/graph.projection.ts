import type { Projection, Recorded } from '@cairn/read-model';
import { In, type EntityManager, type EntityTarget, type ObjectLiteral } from 'typeorm';
import { allTypes, mapEvent, type AnyEvent } from '../../mapping/event.mapping.js';
import type { GraphChange, NodeRef } from '../../mapping/graph-change.js';
import { GraphAliasRow } from './graph-alias.entity.js';
import { GraphEdgeRow } from './graph-edge.entity.js';
import { GraphFactRow } from './graph-fact.entity.js';
import { GraphNodeRow } from './graph-node.entity.js';

/** The graph of everything. Rows are only ever added, each with its position: the graph at an earlier position is the rows up to it. */
export class GraphProjection implements Projection<AnyEvent> {
  readonly name = 'graph';
  readonly types = allTypes;
  readonly entities = [GraphNodeRow, GraphFactRow, GraphEdgeRow, GraphAliasRow];

  async apply(events: readonly Recorded<AnyEvent>[], manager: EntityManager): Promise<void> {
    const changes = events.map((recorded) => ({ recorded, change: mapEvent(recorded.event, recorded.workspace) }));
    const known = await knownAliases(changes.map(({ change }) => change), manager);
    const nodes: GraphNodeRow[] = [];
    const facts: GraphFactRow[] = [];
    const edges: GraphEdgeRow[] = [];
    const aliases: GraphAliasRow[] = [];

    for (const { recorded, change } of changes) {
      const { id: eventId, time, workspace, actor } = recorded;
      const position = String(recorded.position);
      const eventType = recorded.event.type;
      for (const { id, label, attributes } of change.nodes) {
        nodes.push({ nodeId: id, workspace, kind: id.slice(0, id.indexOf(':')), label, firstPosition: position });
        facts.push({ nodeId: id, position, eventId, eventType, time, actor: actor.onBehalfOf ?? actor.principal, attributes });
      }
      for (const { alias, node } of change.aliases ?? []) {
        aliases.push({ alias, nodeId: node });
        if (!known.has(alias)) known.set(alias, node);
      }
      for (const { from, relation, to } of change.edges ?? []) {
        const [fromId, toId] = [resolve(from, known), resolve(to, known)];
        if (fromId !== undefined && toId !== undefined) edges.push({ fromId, relation, toId, position, eventId, eventType, time });
      }
    }
    await insertNew(manager, GraphNodeRow, nodes);
    await insertNew(manager, GraphFactRow, facts);
    await insertNew(manager, GraphEdgeRow, edges);
    await insertNew(manager, GraphAliasRow, aliases);
  }
}

async function knownAliases(changes: readonly GraphChange[], manager: EntityManager): Promise<Map<string, string>> {
  const wanted = new Set<string>();
  for (const { edges, aliases } of changes) {
    for (const { from, to } of edges ?? []) for (const ref of [from, to]) if (typeof ref !== 'string') wanted.add(ref.alias);
    for (const { alias } of aliases ?? []) wanted.add(alias);
  }
  if (wanted.size === 0) return new Map();
  const rows = await manager.findBy(GraphAliasRow, { alias: In([...wanted]) });
  return new Map(rows.map(({ alias, nodeId }) => [alias, nodeId]));
}

function resolve(ref: NodeRef, known: ReadonlyMap<string, string>): string | undefined {
  return typeof ref === 'string' ? ref : known.get(ref.alias);
}

/**
 * The first row with a key stays, also within one batch, and events that come again change nothing. All rows travel as one parameter: many times
 * faster than one parameter per value, and there is no limit of parameters to cut them at.
 */
async function insertNew<Row extends ObjectLiteral>(manager: EntityManager, target: EntityTarget<Row>, rows: readonly Row[]): Promise<void> {
  if (rows.length === 0) return;
  const { tablePath, columns } = manager.connection.getMetadata(target);
  const named = rows.map((row) => Object.fromEntries(columns.map(({ propertyName, databaseName }) => [databaseName, row[propertyName]])));
  const names = columns.map(({ databaseName }) => databaseName).join(', ');
  await manager.query(
    `INSERT INTO ${tablePath} (${names}) SELECT ${names} FROM jsonb_populate_recordset(NULL::${tablePath}, $1) ON CONFLICT DO NOTHING`,
    [JSON.stringify(named)],
  );
}
