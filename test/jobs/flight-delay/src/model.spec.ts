import { describe, expect, it } from 'vitest';
import { scalingOf, type Dataset } from './dataset.js';
import { libraryDefaults, train } from './model.js';

/** The label is 1 where the first feature is above 5; the second says nothing. */
const dataset: Dataset = {
  columns: ['telling', 'silent'],
  rows: 200,
  features: Float32Array.from({ length: 400 }, (_, index) => (index % 2 === 0 ? (index / 2) % 10 : (index * 7) % 3)),
  labels: Float32Array.from({ length: 200 }, (_, row) => (row % 10 > 5 ? 1 : 0)),
};
const hyperparameters = { epochs: 30, batchSize: 20, learningRate: 0.1, hiddenUnits: 0, seed: 1 };

describe('training', () => {
  it('learns which feature tells', async () => {
    const losses: number[] = [];
    const [layer] = await train(dataset, scalingOf(dataset), hyperparameters, ({ loss }) => losses.push(loss));
    const [telling = 0, silent = 0] = layer?.weights ?? [];
    expect(telling).toBeGreaterThan(10 * Math.abs(silent));
    expect(losses.at(-1)).toBeLessThan(losses[0] ?? 0);
  });

  it('does not look at what is masked', async () => {
    const [layer] = await train(dataset, scalingOf(dataset), hyperparameters, () => undefined, [1, 0]);
    expect(layer?.weights[1]).toBe(0);
  });

  it('says what the optimiser does without being told', () => {
    expect(libraryDefaults()).toEqual({ 'adam.beta1': '0.9', 'adam.beta2': '0.999', 'adam.epsilon': '1e-7' });
  });
});
