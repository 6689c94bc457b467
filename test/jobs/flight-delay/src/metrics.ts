/** Area under the ROC curve from average ranks (Mann and Whitney, 1947), in [0, 1]; NaN when only one class is there. */
export function auc(scores: ArrayLike<number>, labels: ArrayLike<number>): number {
  const order = Array.from({ length: scores.length }, (_, index) => index).sort((a, b) => at(scores, a) - at(scores, b));
  let ones = 0;
  let rankSum = 0;
  for (let start = 0; start < order.length; ) {
    let end = start;
    while (end < order.length && at(scores, order[end] ?? 0) === at(scores, order[start] ?? 0)) end += 1;
    // Ties share the mean of the ranks they cover; ranks count from 1.
    const rank = (start + 1 + end) / 2;
    for (let place = start; place < end; place += 1) {
      if (at(labels, order[place] ?? 0) !== 1) continue;
      ones += 1;
      rankSum += rank;
    }
    start = end;
  }
  const zeros = order.length - ones;
  return ones === 0 || zeros === 0 ? NaN : (rankSum - (ones * (ones + 1)) / 2) / (ones * zeros);
}

/** Mean negative log likelihood in nats; probabilities are kept 1e-7 away from 0 and 1. */
export function logLoss(probabilities: ArrayLike<number>, labels: ArrayLike<number>): number {
  let sum = 0;
  for (let row = 0; row < labels.length; row += 1) {
    const probability = Math.min(1 - 1e-7, Math.max(1e-7, at(probabilities, row)));
    sum -= at(labels, row) === 1 ? Math.log(probability) : Math.log(1 - probability);
  }
  return sum / labels.length;
}

/** Log loss of answering the share of ones every time. */
export function baseRateLogLoss(labels: ArrayLike<number>): number {
  let ones = 0;
  for (let row = 0; row < labels.length; row += 1) ones += at(labels, row);
  const rate = ones / labels.length;
  return rate === 0 || rate === 1 ? 0 : -(rate * Math.log(rate) + (1 - rate) * Math.log(1 - rate));
}

function at(values: ArrayLike<number>, index: number): number {
  return values[index] ?? NaN;
}
