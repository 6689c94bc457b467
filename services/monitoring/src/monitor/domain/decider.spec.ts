import { deciderSpec } from '@cairn/testing';
import { describe, expect, it } from 'vitest';
import type { MonitorCommand, WindowMeasurement } from './commands.js';
import { monitor } from './decider.js';
import { judge } from './judge.js';
import type { MonitorEvent } from './state.js';

const meta = { commandId: 'c', now: '2001-04-01T00:00:00Z', actor: { principal: 'local' }, workspace: 'default', correlationId: 'x' };
const thresholds = {
  featurePsi: 0.2, predictionPsi: 0.2, labelRateChange: 0.2, minimumAuc: 0.65, minimumLabels: 100n, consecutiveWindows: 2, windowDays: 7,
};
const declaration = {
  monitorId: 'm', name: 'late', deploymentName: 'late', referenceTrainingSetId: 't', referenceDigest: 'sha256:a', features: ['distance'], thresholds,
};
const declared: MonitorEvent = { type: 'cairn.monitoring.v1.MonitorDeclared', data: declaration };

const measured = (day: number, changes: Partial<WindowMeasurement> = {}): WindowMeasurement => ({
  windowStart: `2001-04-0${day}T00:00:00Z`, windowEnd: `2001-04-0${day + 1}T00:00:00Z`, predictions: 500n, labelled: 400n,
  features: [{ feature: 'distance', psi: 0.01 }], predictionPsi: 0.02, labelRate: 0.2, referenceLabelRate: 0.2, auc: 0.7, logLoss: 0.4,
  meanPrediction: 0.2, versionIds: ['v'], ...changes,
});
const falling = { labelRate: 0.1 };
const evaluate = (measurement: WindowMeasurement): MonitorCommand => ({
  type: 'EvaluateWindow', data: { monitorId: 'm', incidentId: `i-${measurement.windowStart}`, measured: measurement }, meta,
});
const BREACH = 'label rate 0.1 differs from the reference 0.2 by -50 %, more than 20 %';
const evaluated = (measurement: WindowMeasurement, verdict: string, incidentChange = '', incidentId = '', evaluation = 1): MonitorEvent => ({
  type: 'cairn.monitoring.v1.WindowEvaluated',
  data: {
    ...measurement, auc: measurement.auc, logLoss: measurement.logLoss, monitorId: 'm', evaluation, verdict,
    breaches: verdict === 'breach' ? [BREACH] : [], incidentId, incidentChange,
  },
});

describe('monitor', () => {
  const { given } = deciderSpec(monitor);

  it('is declared once, with thresholds that can be met', () => {
    const declare: MonitorCommand = { type: 'DeclareMonitor', data: declaration, meta };
    given([]).when(declare).then([declared]);
    given([declared]).when(declare).thenRefused('MONITOR_EXISTS');
    given([]).when({ ...declare, data: { ...declaration, thresholds: { ...thresholds, windowDays: 0 } } }).thenRefused('INVALID_THRESHOLDS');
  });

  it('judges a window once per count of labels', () => {
    given([declared]).when(evaluate(measured(1))).then([evaluated(measured(1), 'ok')]);
    given([declared, evaluated(measured(1), 'ok')]).when(evaluate(measured(1))).thenNothing();
    given([declared, evaluated(measured(1), 'ok')])
      .when(evaluate(measured(1, { labelled: 450n })))
      .then([evaluated(measured(1, { labelled: 450n }), 'ok', '', '', 2)]);
    given([]).when(evaluate(measured(1))).thenRefused('MONITOR_NOT_FOUND');
  });

  it('opens one incident after enough breaches in a row, continues it, and resolves it after as many passes', () => {
    const first = evaluated(measured(1, falling), 'breach');
    const opened = evaluated(measured(2, falling), 'breach', 'opens', 'i-2001-04-02T00:00:00Z');
    const continued = evaluated(measured(3, falling), 'breach', 'continues', 'i-2001-04-02T00:00:00Z');
    given([declared]).when(evaluate(measured(1, falling))).then([first]);
    given([declared, first]).when(evaluate(measured(2, falling))).then([opened]);
    given([declared, first, opened]).when(evaluate(measured(3, falling))).then([continued]);
    const pass = evaluated(measured(4), 'ok');
    given([declared, first, opened, continued]).when(evaluate(measured(4))).then([pass]);
    given([declared, first, opened, continued, pass])
      .when(evaluate(measured(5)))
      .then([evaluated(measured(5), 'ok', 'resolves', 'i-2001-04-02T00:00:00Z')]);
  });

  it('does not call a window with few labels a success or a breach', () => {
    const few = measured(1, { ...falling, labelled: 20n });
    given([declared]).when(evaluate(few)).then([evaluated(few, 'inconclusive')]);
  });

  it('starts counting anew when the reference changes', () => {
    const change: MonitorCommand = { type: 'ChangeReference', data: { monitorId: 'm', trainingSetId: 't2', digest: 'sha256:b' }, meta };
    const changed: MonitorEvent = {
      type: 'cairn.monitoring.v1.ReferenceChanged',
      data: { monitorId: 'm', referenceTrainingSetId: 't2', referenceDigest: 'sha256:b', previousDigest: 'sha256:a' },
    };
    const first = evaluated(measured(1, falling), 'breach');
    given([declared]).when(change).then([changed]);
    given([declared, changed]).when(change).thenNothing();
    given([declared, first, changed]).when(evaluate(measured(2, falling))).then([evaluated(measured(2, falling), 'breach')]);
  });
});

describe('judge', () => {
  it('names every number that is out of bounds', () => {
    const { verdict, breaches } = judge(measured(1, { features: [{ feature: 'distance', psi: 0.3 }], predictionPsi: 0.25, auc: 0.6 }), thresholds);
    expect(verdict).toBe('breach');
    expect(breaches).toEqual([
      'feature distance drifted: PSI 0.3 is above 0.2',
      'predictions drifted: PSI 0.25 is above 0.2',
      'AUC 0.6 is below 0.65',
    ]);
  });
});
