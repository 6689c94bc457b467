/**
 * Every function and operator that an expression of a user may name: pure functions of their arguments. What reads files, settings, the clock
 * or randomness, what aggregates and what returns tables is absent, and so is whatever a later version of the engine brings.
 */
export const SCALAR_FUNCTIONS: ReadonlySet<string> = new Set([
  ...['+', '-', '*', '/', '//', '%', '**', '^', '||', '&', '|', '<<', '>>', '~~', '!~~', '~~*', '!~~*', '^@'],
  ...['abs', 'sign', 'round', 'floor', 'ceil', 'ceiling', 'trunc', 'sqrt', 'cbrt', 'exp', 'ln', 'log', 'log2', 'log10', 'pow', 'power'],
  ...['sin', 'cos', 'tan', 'asin', 'acos', 'atan', 'atan2', 'radians', 'degrees', 'pi', 'greatest', 'least', 'mod', 'divide', 'fmod'],
  ...['isnan', 'isinf', 'isfinite', 'nullif', 'ifnull', 'coalesce'],
  ...['year', 'quarter', 'month', 'week', 'day', 'dayofmonth', 'dayofweek', 'dayofyear', 'weekday', 'isodow', 'hour', 'minute', 'second'],
  ...['millisecond', 'microsecond', 'epoch', 'epoch_ms', 'epoch_us', 'date_part', 'datepart', 'date_trunc', 'datetrunc', 'date_diff', 'datediff'],
  ...['date_sub', 'datesub', 'date_add', 'timezone', 'make_date', 'make_timestamp', 'to_timestamp', 'strftime', 'strptime', 'try_strptime'],
  ...['to_microseconds', 'to_milliseconds', 'to_seconds', 'to_minutes', 'to_hours', 'to_days', 'to_weeks', 'to_months', 'to_quarters', 'to_years'],
  ...['lower', 'upper', 'length', 'strlen', 'substring', 'substr', 'left', 'right', 'trim', 'ltrim', 'rtrim', 'replace', 'concat', 'reverse'],
  ...['contains', 'prefix', 'suffix', 'starts_with', 'ends_with', 'regexp_matches', 'regexp_full_match', 'position', 'strpos', 'md5', 'sha256'],
]);
