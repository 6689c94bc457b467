import type { Dataset, Scaling } from './dataset.js';
import type { Layer } from './model.js';

/** The network in plain arithmetic of double precision, on a row of unscaled features. */
export function forward(layers: readonly Layer[], { means, deviations }: Scaling, row: ArrayLike<number>): number {
  let values = Array.from(row, (value, at) => (value - (means[at] ?? 0)) / (deviations[at] ?? 1));
  layers.forEach((layer, index) => (values = throughLayer(layer, values, index === layers.length - 1)));
  return values[0] ?? NaN;
}

/** Largest difference between the exported model's answers and the network's own, over the first rows; infinite where one is no number. */
export function exportDifference(layers: readonly Layer[], scaling: Scaling, { columns, features }: Dataset, answers: ArrayLike<number>, rows: number): number {
  const width = columns.length;
  let largest = 0;
  for (let row = 0; row < Math.min(rows, answers.length); row += 1) {
    const difference = Math.abs(forward(layers, scaling, features.subarray(row * width, (row + 1) * width)) - (answers[row] ?? NaN));
    if (Number.isNaN(difference)) return Infinity;
    largest = Math.max(largest, difference);
  }
  return largest;
}

function throughLayer({ units, weights, biases }: Layer, values: readonly number[], isLast: boolean): number[] {
  return Array.from({ length: units }, (_, unit) => {
    const sum = values.reduce((total, value, at) => total + value * (weights[at * units + unit] ?? 0), biases[unit] ?? 0);
    return isLast ? 1 / (1 + Math.exp(-sum)) : Math.max(sum, 0);
  });
}
