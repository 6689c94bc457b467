import type { EventOf, serving } from '@cairn/contracts';
import { OnEvent, policyMeta, RetryLater, Terminate, type Delivery } from '@cairn/messaging';
import { ProjectionRunner } from '@cairn/read-model';
import { Controller, Inject } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { lastingReason } from '../measure/lasting-reason.js';
import { WindowEvaluator } from '../measure/window-evaluator.js';
import { WindowMeasurer, type Window } from '../measure/window-measurement.js';
import { MonitorListQuery } from '../views/monitor-list/monitor-list.query.js';
import type { MonitorRow } from '../views/monitor-list/monitor.entity.js';

type LabelsRecorded = EventOf<serving.LabelsRecorded>;

/** Of a window's predictions, this share must have a label before it is judged for the first time. */
const MINIMUM_LABELLED_SHARE = 0.9;

/** Labels arrived: the windows that are complete now are judged; a window that was judged before is judged again with what came late. */
@Controller()
export class OnLabelsRecorded {
  constructor(
    @Inject(MonitorListQuery) private readonly monitors: MonitorListQuery,
    @Inject(WindowMeasurer) private readonly measurer: WindowMeasurer,
    @Inject(WindowEvaluator) private readonly evaluator: WindowEvaluator,
    @Inject(ProjectionRunner) private readonly projections: ProjectionRunner,
  ) {}

  @OnEvent<LabelsRecorded>('cairn.serving.v1.LabelsRecorded')
  async handle(@Payload() delivery: Delivery<LabelsRecorded>): Promise<void> {
    await this.catchUp(delivery.position);
    const failures: unknown[] = [];
    for (const row of await this.monitors.ofDeployment(delivery.workspace, delivery.event.data.deploymentName)) {
      await this.judge(row, delivery).catch((error: unknown) => failures.push(endingOf(error, row)));
    }
    // One monitor that can't be measured stops no other. While any may succeed the next time, the event comes again for all.
    if (failures.length > 0) throw failures.find((failure) => !(failure instanceof Terminate)) ?? failures[0];
  }

  private async judge(row: MonitorRow, delivery: Delivery<LabelsRecorded>): Promise<void> {
    const windows = await this.measurer.openWindows(row, delivery.event.data.digest);
    for (const window of windows.filter(isComplete)) {
      await this.evaluator.evaluate(row, window, policyMeta(delivery, `on-labels-recorded:${row.monitorId}:${window.start}`));
    }
  }

  /** The list of files must show this batch, and every segment that came before it in the log. */
  private async catchUp(position: bigint): Promise<void> {
    try {
      await this.projections.waitFor(position);
    } catch {
      throw new RetryLater(1_000, 'the read model is behind');
    }
  }
}

function isComplete({ predictions, labelled, isOver }: Window): boolean {
  return isOver && labelled >= predictions * MINIMUM_LABELLED_SHARE;
}

function endingOf(error: unknown, { name }: MonitorRow): unknown {
  const reason = lastingReason(error);
  return reason === undefined ? error : new Terminate(`Monitor ${name} can not be measured: ${reason}`, { cause: error });
}
