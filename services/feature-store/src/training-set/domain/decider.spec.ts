import { deciderSpec, testMeta } from '@cairn/testing';
import { describe, it } from 'vitest';
import type { FeatureMeasurement, RequestTrainingSet, TrainingSetCommand } from './commands.js';
import { trainingSet } from './decider.js';
import type { TrainingSetEvent } from './state.js';

const meta = testMeta();
const request: RequestTrainingSet['data']['request'] = {
  trainingSetId: 't',
  name: 'q1',
  featureServiceId: 's',
  featureServiceName: 'delay',
  featureServiceVersion: 1,
  features: [],
  datasetVersionId: 'd',
  datasetName: 'flights',
  datasetVersion: 2,
  datasetDigest: 'sha256:d',
  predictionTime: 'date - INTERVAL 30 MINUTE',
  label: 'delay > 15',
  from: '2001-01-08T00:00:00.000Z',
  to: '2001-04-01T00:00:00.000Z',
  sampleEvery: 5,
  historyVersionIds: [],
};
const ask = (changes: Partial<typeof request> = {}, certified = true): TrainingSetCommand => ({
  type: 'RequestTrainingSet',
  data: { request: { ...request, ...changes }, certified },
  meta,
});
const requested: TrainingSetEvent = { type: 'cairn.features.v1.TrainingSetRequested', data: request };

const honest: FeatureMeasurement = { feature: 'late_share_3h', rowsLate: 0, worstSeconds: 0, auc: 0.68, examples: [] };
const judge = (...measurements: FeatureMeasurement[]): TrainingSetCommand => ({
  type: 'JudgeLeakage',
  data: { trainingSetId: 't', rowsChecked: 1000, measurements },
  meta,
});
const passed: TrainingSetEvent = {
  type: 'cairn.features.v1.LeakageCheckPassed',
  data: { trainingSetId: 't', rowsChecked: 1000n, features: [{ feature: 'late_share_3h', auc: 0.68 }] },
};
const built = {
  trainingSetId: 't',
  digest: 'sha256:t',
  sizeBytes: 1n,
  rowCount: 1000n,
  columns: ['late_share_3h', 'label'],
  labelRate: 0.2,
  sourceRowColumn: 'source_row',
};
const recordBuilt: TrainingSetCommand = { type: 'RecordBuilt', data: built, meta };
const wasBuilt: TrainingSetEvent = { type: 'cairn.features.v1.TrainingSetBuilt', data: built };
const fail: TrainingSetCommand = { type: 'RecordFailure', data: { trainingSetId: 't', reason: 'no rows' }, meta };
const failed: TrainingSetEvent = { type: 'cairn.features.v1.TrainingSetFailed', data: { trainingSetId: 't', reason: 'no rows' } };

describe('training set', () => {
  const { given } = deciderSpec(trainingSet);

  it('is requested once, from certified data, over a range', () => {
    given([]).when(ask()).then([requested]);
    given([requested]).when(ask()).thenRefused('TRAINING_SET_EXISTS');
    given([]).when(ask({}, false)).thenRefused('NOT_CERTIFIED');
    given([])
      .when(ask({ to: request.from }))
      .thenRefused('EMPTY_RANGE');
  });

  it('is built only after its features were found not to leak', () => {
    given([requested]).when(recordBuilt).thenRefused('LEAKAGE_NOT_CHECKED');
    given([requested]).when(judge(honest)).then([passed]);
    given([requested, passed]).when(recordBuilt).then([wasBuilt]);
    given([requested, passed, wasBuilt]).when(recordBuilt).thenRefused('ALREADY_DECIDED');
    given([]).when(recordBuilt).thenRefused('TRAINING_SET_NOT_FOUND');
  });

  it('says why it could not be built', () => {
    given([requested]).when(fail).then([failed]);
    given([requested, passed]).when(fail).then([failed]);
    given([requested, passed, wasBuilt]).when(fail).thenRefused('ALREADY_DECIDED');
  });

  describe('leakage', () => {
    it('refuses the hour of the actual departure although it predicts worse than an honest feature', () => {
      const hour: FeatureMeasurement = { feature: 'hour_of_departure', rowsLate: 1000, worstSeconds: 1800, auc: 0.612, examples: ['{"source_row":7}'] };
      const found: TrainingSetEvent = {
        type: 'cairn.features.v1.LeakageFound',
        data: {
          trainingSetId: 't',
          rowsChecked: 1000n,
          findings: [
            {
              feature: 'hour_of_departure',
              rule: 'known-after-prediction',
              rowsLeaking: 1000n,
              worstSeconds: 1800,
              auc: 0.612,
              examples: ['{"source_row":7}'],
              sentence:
                'hour_of_departure becomes known at or after the moment of prediction in 1000 of 1000 rows, up to 1800 s too late (its AUC alone is 0.612).',
            },
          ],
        },
      };
      given([requested]).when(judge(honest, hour)).then([found]);
      given([requested, found])
        .when(recordBuilt)
        .thenRefused('ALREADY_DECIDED', /refused/);
    });

    it('takes one late row for a leak', () => {
      const data = { feature: 'late_share_3h', rule: 'known-after-prediction', rowsLeaking: 1n, worstSeconds: 0, auc: 0.68, examples: [] };
      const sentence = 'late_share_3h becomes known at or after the moment of prediction in 1 of 1000 rows, up to 0 s too late (its AUC alone is 0.680).';
      given([requested])
        .when(judge({ ...honest, rowsLate: 1 }))
        .then([{ type: 'cairn.features.v1.LeakageFound', data: { trainingSetId: 't', rowsChecked: 1000n, findings: [{ ...data, sentence }] } }]);
    });

    it.each([
      [0.95, true],
      [0.05, true],
      [0.949, false],
      [0.051, false],
      [null, false],
    ])('suspects an AUC of %s: %s', (auc, suspected) => {
      const when = given([requested]).when(judge({ ...honest, auc }));
      const features = [{ feature: 'late_share_3h', auc: auc ?? 0.5 }];
      if (!suspected) when.then([{ type: 'cairn.features.v1.LeakageCheckPassed', data: { trainingSetId: 't', rowsChecked: 1000n, features } }]);
      else {
        const sentence = `late_share_3h alone tells the label with an AUC of ${auc?.toFixed(3)}; from 0.95 on, in either direction, it is taken for the label itself.`;
        const finding = { feature: 'late_share_3h', rule: 'too-predictive', rowsLeaking: 1000n, worstSeconds: 0, auc: auc ?? 0, examples: [], sentence };
        when.then([{ type: 'cairn.features.v1.LeakageFound', data: { trainingSetId: 't', rowsChecked: 1000n, findings: [finding] } }]);
      }
    });

    it('is judged once', () => {
      given([requested, passed]).when(judge(honest)).thenRefused('ALREADY_DECIDED');
      given([]).when(judge(honest)).thenRefused('TRAINING_SET_NOT_FOUND');
    });
  });
});
