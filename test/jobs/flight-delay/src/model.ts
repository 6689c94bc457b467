import * as tf from '@tensorflow/tfjs';
import { scaled, type Dataset, type Scaling } from './dataset.js';

export type ModelKind = 'single-feature' | 'logistic' | 'mlp';

/** Dense layers, first to last; the last has one unit and a sigmoid, those before it ReLU. `weights` are row-major [inputs, units]. */
export interface Layer {
  readonly inputs: number;
  readonly units: number;
  readonly weights: Float32Array;
  readonly biases: Float32Array;
}

export interface Hyperparameters {
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly hiddenUnits: number;
  readonly seed: number;
}

export const CHOSEN: Readonly<Record<ModelKind, Hyperparameters>> = {
  'single-feature': { epochs: 3, batchSize: 4096, learningRate: 0.05, hiddenUnits: 0, seed: 1 },
  logistic: { epochs: 4, batchSize: 4096, learningRate: 0.03, hiddenUnits: 0, seed: 1 },
  mlp: { epochs: 4, batchSize: 4096, learningRate: 0.01, hiddenUnits: 16, seed: 1 },
};

/** What Adam was not told, and does all the same. */
export function libraryDefaults(): Readonly<Record<string, string>> {
  const optimizer = tf.train.adam();
  const { beta1, beta2, epsilon } = optimizer.getConfig();
  return { 'adam.beta1': String(beta1), 'adam.beta2': String(beta2), 'adam.epsilon': String(epsilon ?? tf.backend().epsilon()) };
}

export const LIBRARY = { name: '@tensorflow/tfjs', version: tf.version.tfjs };

export interface Epoch {
  readonly epoch: number;
  readonly loss: number;
}

/**
 * Trains on scaled features. `mask`, when given, is 1 for the columns the model may look at: the others are set to their mean, so that their weights mean
 * nothing and are exported as 0.
 */
export async function train(
  dataset: Dataset,
  scaling: Scaling,
  { epochs, batchSize, learningRate, hiddenUnits, seed }: Hyperparameters,
  onEpoch: (epoch: Epoch) => void,
  mask?: readonly number[],
): Promise<readonly Layer[]> {
  await tf.ready();
  const width = dataset.columns.length;
  const values = scaled(dataset, scaling);
  if (mask !== undefined) for (let index = 0; index < values.length; index += 1) values[index] = (values[index] ?? 0) * (mask[index % width] ?? 0);
  const xs = tf.tensor2d(values, [dataset.rows, width]);
  const ys = tf.tensor2d(dataset.labels, [dataset.rows, 1]);
  const model = tf.sequential();
  const initializer = (offset: number) => tf.initializers.glorotUniform({ seed: seed + offset });
  if (hiddenUnits > 0) model.add(tf.layers.dense({ units: hiddenUnits, activation: 'relu', inputShape: [width], kernelInitializer: initializer(0) }));
  model.add(tf.layers.dense({ units: 1, activation: 'sigmoid', ...(hiddenUnits === 0 && { inputShape: [width] }), kernelInitializer: initializer(1) }));
  model.compile({ optimizer: tf.train.adam(learningRate), loss: 'binaryCrossentropy' });
  await model.fit(xs, ys, {
    epochs,
    batchSize,
    // Rows come in the order of time: without shuffling the last weeks would count most. The order differs from run to run.
    shuffle: true,
    verbose: 0,
    callbacks: { onEpochEnd: (epoch, logs) => onEpoch({ epoch, loss: Number(logs?.['loss']) }) },
  });
  const layers = await Promise.all(model.layers.map((layer) => exportLayer(layer, width, mask)));
  tf.dispose([xs, ys]);
  model.dispose();
  return layers;
}

async function exportLayer(layer: tf.layers.Layer, width: number, mask: readonly number[] | undefined): Promise<Layer> {
  const [kernel, bias] = layer.getWeights();
  if (kernel === undefined || bias === undefined) throw new TypeError(`layer ${layer.name} has no kernel or no bias`);
  const [inputs = 0, units = 0] = kernel.shape;
  const weights = Float32Array.from(await kernel.data<'float32'>());
  if (mask !== undefined && inputs === width) for (let at = 0; at < weights.length; at += 1) weights[at] = (weights[at] ?? 0) * (mask[Math.floor(at / units)] ?? 0);
  return { inputs, units, weights, biases: Float32Array.from(await bias.data<'float32'>()) };
}
