import { describe, expect, it } from 'vitest';
import { convertReport } from './convert.js';

describe('the report of a check', () => {
  it('fits into an event, whatever its rows are like, and keeps every count', () => {
    const examples = Array.from({ length: 5 }, () => ({ text: 'x'.repeat(1_000) }));
    const violations = Array.from({ length: 100 }, (_, index) => ({ column: `c${index}`, rule: 'pattern' as const, count: index + 1, examples }));
    const report = convertReport('v', 'c', '1.0.0', { rowsChecked: 100, rowsViolating: 100, violations });
    expect(report.violations.map(({ count }) => count)).toEqual(violations.map(({ count }) => BigInt(count)));
    const bytes = report.violations.flatMap((violation) => violation.examples).join('').length;
    expect(bytes).toBeGreaterThan(20_000);
    expect(bytes).toBeLessThan(25_000);
  });
});
