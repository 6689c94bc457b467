import { DomainError, type CommandMeta } from '@cairn/kernel';
import { keyOfToken, Meta, pageOf, type Page } from '@cairn/service';
import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { GraphQuery, type GraphNode } from '../views/graph/graph.query.js';
import { MomentQuery } from '../views/graph/moment.query.js';
import { convertEdge, convertFact, convertNode, convertPosition, type FactResponse, type GraphResponse, type NodeResponse } from './convert.js';
import { GraphDto, NodeDto } from './graph.dto.js';

type NodeHistoryResponse = NodeResponse & { readonly as_of_position: string | null; readonly facts: Page<FactResponse> };

@ApiTags('graph')
@Controller('lineage/v1')
export class GraphController {
  constructor(
    @Inject(GraphQuery) private readonly graph: GraphQuery,
    @Inject(MomentQuery) private readonly moment: MomentQuery,
  ) {}

  @Get('graph')
  async find(@Query() query: GraphDto, @Meta() { workspace }: CommandMeta): Promise<GraphResponse> {
    const position = await this.moment.positionOf(query);
    const reach = { workspace, position, direction: query.direction, depth: query.depth, maxNodes: query.limit };
    const start = query.node === undefined ? undefined : await this.found(workspace, query.node, position);
    const { nodes, edges, truncated } = start === undefined ? await this.graph.everything(reach) : await this.graph.around(start.id, reach);
    return { as_of_position: convertPosition(position), nodes: nodes.map(convertNode), edges: edges.map(convertEdge), truncated };
  }

  /** The node, and everything that was said about it, oldest first. */
  @Get('nodes/:node_id')
  async node(@Param('node_id') id: string, @Query() query: NodeDto, @Meta() { workspace }: CommandMeta): Promise<NodeHistoryResponse> {
    const position = await this.moment.positionOf(query);
    const found = await this.found(workspace, id, position);
    const after = keyOfToken(query.page_token);
    if (after !== undefined && !/^\d+$/.test(after)) throw new DomainError('INVALID_PAGE_TOKEN', 'This page token was not given out by this list.', 'invalid');
    const facts = await this.graph.facts(found.id, position, query.limit + 1, after === undefined ? undefined : BigInt(after));
    return { ...convertNode(found), as_of_position: convertPosition(position), facts: pageOf(facts, query.limit, convertFact, (fact) => fact.position) };
  }

  private async found(workspace: string, idOrName: string, position: bigint): Promise<GraphNode> {
    const node = await this.graph.find(workspace, idOrName, position);
    if (node === undefined) throw new DomainError('NODE_NOT_FOUND', 'The graph of this workspace had no such node at that moment.', 'missing');
    return node;
  }
}
