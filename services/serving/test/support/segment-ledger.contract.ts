import type { EventStore } from '@cairn/event-store';
import { DomainError, newId } from '@cairn/kernel';
import { describe, expect, it } from 'vitest';
import type { LostPredictions, SealedSegment, SegmentLedger } from '../../src/inference-log/recorder/segment-ledger.js';

export interface OpenLedger {
  readonly ledger: SegmentLedger;
  /** The log that it brings things to. */
  readonly store: EventStore;
}

/** What whoever records predictions relies on, however far away the log is. */
export function segmentLedgerContract(name: string, open: () => OpenLedger): void {
  const owner = () => ({ workspace: 'team-a', deploymentId: newId(), deploymentName: 'delays' });
  const segmentOf = (more: Partial<SealedSegment> = {}): SealedSegment => ({
    ...owner(), segmentId: newId(), digest: `sha256:${'a'.repeat(64)}`, sizeBytes: 900, rowCount: 3, firstInferenceId: newId(), lastInferenceId: newId(),
    firstTime: '2001-04-01T00:00:00.000Z', lastTime: '2001-04-02T00:00:00.000Z', versionIds: [newId(), newId()], ...more,
  });
  const lossOf = (more: Partial<LostPredictions> = {}): LostPredictions => ({
    ...owner(), lossId: newId(), segmentId: newId(), rows: 5, isExact: true, reason: 'torn', firstTime: '2001-04-01T00:00:00.000Z', lastTime: '', ...more,
  });

  describe(name, () => {
    const recorded = async (deploymentId: string) => {
      const { events } = await open().store.readAll(0n, { filter: { types: ['cairn.serving.v1.InferenceSegmentSealed', 'cairn.serving.v1.PredictionsLost'] } });
      return events.filter(({ stream }) => stream === `inference-log-${deploymentId}`);
    };

    it('has recorded a segment, with all that was said of it, when it resolves', async () => {
      const segment = segmentOf();
      await open().ledger.sealed(segment);
      const { workspace, sizeBytes, rowCount, ...said } = segment;
      expect(await recorded(segment.deploymentId)).toMatchObject([{ workspace, data: { ...said, sizeBytes: String(sizeBytes), rowCount: String(rowCount) } }]);
    });

    it('has recorded a loss, with all that was said of it, when it resolves', async () => {
      for (const loss of [lossOf(), lossOf({ rows: 0, isExact: false, reason: 'machine_crash' })]) {
        await open().ledger.lost(loss);
        const [event] = await recorded(loss.deploymentId);
        // An event leaves out what is empty.
        const { workspace, rows, isExact, deploymentId, deploymentName, lossId, segmentId, reason, firstTime } = loss;
        const said = { deploymentId, deploymentName, lossId, segmentId, reason, firstTime, ...(rows > 0 && { rows: String(rows) }), ...(isExact && { isExact }) };
        expect(event).toMatchObject({ workspace, data: said });
      }
    });

    it('records once what comes again, at once and after others', async () => {
      const segment = segmentOf();
      const loss = lossOf({ deploymentId: segment.deploymentId });
      const { ledger } = open();
      await Promise.all([ledger.sealed(segment), ledger.sealed(segment)].map(async (brought) => brought.catch(busy)));
      await ledger.lost(loss);
      await ledger.sealed(segmentOf({ deploymentId: segment.deploymentId }));
      await ledger.sealed(segment);
      await ledger.lost(loss);
      expect(await recorded(segment.deploymentId)).toHaveLength(3);
    });

    it('refuses for good what can’t be', async () => {
      await expect(open().ledger.sealed(segmentOf({ rowCount: 0 }))).rejects.toMatchObject({ code: 'EMPTY_SEGMENT', kind: 'invalid' });
      await expect(open().ledger.lost(lossOf({ rows: 0 }))).rejects.toMatchObject({ code: 'INVALID_LOSS', kind: 'invalid' });
    });
  });
}

/** Two at the same time may make one of them try again. */
function busy(error: unknown): void {
  if (!(error instanceof DomainError) || (error.kind !== 'busy' && error.kind !== 'conflict')) throw error;
}
