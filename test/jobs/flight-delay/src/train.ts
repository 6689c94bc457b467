import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { readArguments, readEnvironment, type JobArguments } from './arguments.js';
import { CairnClient } from './cairn-client.js';
import { columnOf, readDataset, scalingOf, type Dataset } from './dataset.js';
import { exportDifference } from './forward.js';
import { auc, baseRateLogLoss, logLoss } from './metrics.js';
import { CHOSEN, LIBRARY, libraryDefaults, train, type Hyperparameters } from './model.js';
import { exportOnnx, INPUT, OUTPUT } from './onnx-export.js';
import { TrackedRun, type Param } from './tracking.js';
import { trainingSets, type Sets } from './training-sets.js';

const GOLDEN_ROWS = 8;
const GOLDEN_TOLERANCE = 1e-5;
/** Single against double precision, after two layers. */
const EXPORT_TOLERANCE = 1e-4;
const EXPORT_CHECKED_ROWS = 5_000;

const args = readArguments(process.argv.slice(2), process.env);
const env = readEnvironment(process.env);
const client = new CairnClient(env);

const sets = await trainingSets(client, args.source, env.jobId);
const run = await TrackedRun.start(client, args.experiment, `${args.model}-${env.jobId.slice(-6)}`, { 'cairn.job_id': env.jobId, 'mlflow.source.name': 'flight-delay' });
try {
  const versionId = await learn(args, sets, run);
  await writeFile(env.outputFile, JSON.stringify({ run_id: run.id, model_version_id: versionId, training_set_id: sets.training.training_set_id }));
} catch (error) {
  await run.end('FAILED');
  throw error;
}

/** Trains, measures on rows that were kept back, exports and registers. Answers the id of the new version. */
async function learn({ model, register }: JobArguments, { training, validation }: Sets, tracked: TrackedRun): Promise<string> {
  const download = async (id: string): Promise<Dataset> => readDataset(await client.download(`/features/v1/training-sets/${id}/data`));
  const learnFrom = await download(training.training_set_id);
  const judgeBy = await download(validation.training_set_id);
  const hyperparameters = CHOSEN[model];
  await tracked.input(training.name, training.digest, training.training_set_id, 'training');
  await tracked.input(validation.name, validation.digest, validation.training_set_id, 'validation');
  await tracked.params(paramsOf(hyperparameters));

  const scaling = scalingOf(learnFrom);
  const losses: number[] = [];
  const mask = model === 'single-feature' ? bestFeatureMask(learnFrom) : undefined;
  const layers = await train(learnFrom, scaling, hyperparameters, ({ loss }) => losses.push(loss), mask);
  for (const [step, loss] of losses.entries()) await tracked.metrics({ training_loss: loss }, step);

  const onnx = exportOnnx(layers, scaling);
  const session = await InferenceSession.create(onnx, { intraOpNumThreads: 1 });
  const probabilities = await predict(session, judgeBy);
  const difference = exportDifference(layers, scaling, judgeBy, probabilities, EXPORT_CHECKED_ROWS);
  if (!(difference <= EXPORT_TOLERANCE)) throw new Error(`the exported model answers otherwise than the trained one, by ${difference}`);
  await tracked.metrics({
    auc: auc(probabilities, judgeBy.labels),
    log_loss: logLoss(probabilities, judgeBy.labels),
    base_rate_log_loss: baseRateLogLoss(judgeBy.labels),
    best_single_feature_auc: Math.max(...singleFeatureAucs(judgeBy)),
    export_max_difference: difference,
    training_rows: learnFrom.rows,
    validation_rows: judgeBy.rows,
  });

  const golden = goldenAnswer(judgeBy, probabilities);
  await tracked.artifact('model/model.onnx', onnx);
  await tracked.artifact('model/golden.json', golden);
  await tracked.end('FINISHED');
  const { version_id } = await client.json<{ version_id: string }>('POST', `/registry/v1/models/${register}/versions`, {
    run_id: tracked.id,
    source: `runs:/${tracked.id}/model/model.onnx`,
    digest: digestOf(onnx),
    size_bytes: onnx.byteLength,
    signature: {
      inputs: [{ name: INPUT, datatype: 'FP32', shape: [-1, judgeBy.columns.length], columns: judgeBy.columns }],
      outputs: [{ name: OUTPUT, datatype: 'FP32', shape: [-1, 1], columns: ['probability'] }],
    },
    training_set_id: training.training_set_id,
    golden_digest: digestOf(golden),
    description: `${model}, trained on ${learnFrom.rows} flights`,
  });
  return version_id;
}

function paramsOf(hyperparameters: Hyperparameters): readonly Param[] {
  const chosen = Object.entries(hyperparameters).map(([key, value]): Param => ({ key, value: String(value), origin: 'set' }));
  const defaults = Object.entries(libraryDefaults()).map(
    ([key, value]): Param => ({ key, value, origin: 'default', library: LIBRARY.name, library_version: LIBRARY.version }),
  );
  return [...chosen, ...defaults];
}

/** In the direction in which the feature ranks best. */
function singleFeatureAucs(dataset: Dataset): readonly number[] {
  return dataset.columns.map((_, at) => {
    const alone = auc(columnOf(dataset, at), dataset.labels);
    return Math.max(alone, 1 - alone);
  });
}

function bestFeatureMask(dataset: Dataset): readonly number[] {
  const aucs = singleFeatureAucs(dataset);
  const best = aucs.indexOf(Math.max(...aucs));
  return aucs.map((_, at) => (at === best ? 1 : 0));
}

/** Judged is what will be served: the exported model, run by the runtime that serves it. */
async function predict(session: InferenceSession, { rows, columns, features }: Dataset): Promise<Float32Array> {
  const { [OUTPUT]: output } = await session.run({ [INPUT]: new Tensor('float32', features, [rows, columns.length]) });
  if (output === undefined || !(output.data instanceof Float32Array)) throw new TypeError('the exported model has no output');
  return output.data;
}

function goldenAnswer({ columns, features }: Dataset, probabilities: Float32Array): Uint8Array {
  const width = columns.length;
  const document = {
    inputs: [{ name: INPUT, datatype: 'FP32', shape: [GOLDEN_ROWS, width], data: [...features.subarray(0, GOLDEN_ROWS * width)] }],
    outputs: [{ name: OUTPUT, datatype: 'FP32', shape: [GOLDEN_ROWS, 1], data: [...probabilities.subarray(0, GOLDEN_ROWS)] }],
    tolerance: GOLDEN_TOLERANCE,
  };
  return Buffer.from(JSON.stringify(document));
}

function digestOf(content: Uint8Array): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}
