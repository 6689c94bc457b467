import { Controller, Delete, Get, HttpCode, Inject, Param } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Meta } from '@cairn/service';
import type { CommandMeta } from '@cairn/kernel';
import { ReplicaDirectory } from '../replica-directory.js';
import { convertReplica, type ReplicaResponse } from './convert.js';

@ApiTags('replicas')
@Controller('serving/v1/replicas')
export class ReplicasController {
  constructor(@Inject(ReplicaDirectory) private readonly directory: ReplicaDirectory) {}

  /** What every replica said last; of deployments those of the workspace alone. There are as many as somebody started, and no pages. */
  @Get()
  list(@Meta() { workspace }: CommandMeta): { readonly items: readonly ReplicaResponse[] } {
    return { items: this.directory.all().map((known) => convertReplica(known, workspace)) };
  }

  /** A replica that is silent, and of which whoever asks knows that it answers nobody any more. Until then rollouts wait for it. */
  @Delete(':name')
  @HttpCode(204)
  remove(@Param('name') name: string): void {
    this.directory.forget(name);
  }
}
