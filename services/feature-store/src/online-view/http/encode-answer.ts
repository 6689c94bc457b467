import type { AnsweredColumn, OnlineAnswer } from '../answer/online-answer.js';

const NO_TIME = '1970-01-01T00:00:00Z';

/**
 * Feast's answer: one result per name, entities first, each with a value, a status and a time for every row (`sdk/python/feast/feature_server_utils.py`;
 * the sample in Feast's documentation has rows and names the wrong way round). Values keep a decimal point: Feast's client takes `1` for a whole number.
 */
export function encodeAnswer({ entities, columns }: OnlineAnswer): string {
  const names = [...entities.given.keys(), ...columns.map(({ name }) => name)];
  const keys = [...entities.given.values()].map((values) => result(JSON.stringify(values), values.map(() => 'PRESENT'), values.map(() => NO_TIME)));
  const features = columns.map(({ values, statuses, times }: AnsweredColumn) => result(`[${values.map(decimal).join(',')}]`, statuses, times));
  return `{"results":[${[...keys, ...features].join(',')}],"metadata":${JSON.stringify({ feature_names: names })}}`;
}

function result(values: string, statuses: readonly string[], times: readonly string[]): string {
  return `{"values":${values},"statuses":${JSON.stringify(statuses)},"event_timestamps":${JSON.stringify(times)}}`;
}

/** JSON text of a DOUBLE that reads back as one. */
export function decimal(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return 'null';
  const text = Object.is(value, -0) ? '-0' : String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}
