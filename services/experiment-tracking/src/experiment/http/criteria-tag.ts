import { invalidParameter } from '@cairn/mlflow';
import { isDeeper } from '@cairn/service';
import { plainToInstance } from 'class-transformer';
import { validateSync, type ValidationError } from 'class-validator';
import type { Tag } from '../domain/commands.js';
import { convertCriterion, type AskedCriterion } from './convert-criteria.js';
import { DeclareCriteriaDto } from './declare-criteria.dto.js';

/** Clients that know nothing but MLflow declare criteria by it: a JSON list, as `POST …/criteria` takes it. */
export const CRITERIA_TAG = 'cairn.criteria';

const EXAMPLE = '[{"metric": "auc", "comparison": ">=", "threshold": 0.68}]';

/** What tags declare; undefined when they declare nothing. Throws INVALID_PARAMETER_VALUE, saying what to change. */
export function criteriaOfTags(tags: readonly Tag[]): AskedCriterion[] | undefined {
  const value = tags.findLast(({ key }) => key === CRITERIA_TAG)?.value;
  if (value === undefined) return undefined;
  const body = plainToInstance(DeclareCriteriaDto, { criteria: parse(value) });
  const problems = validateSync(body, { whitelist: true, forbidNonWhitelisted: true }).flatMap((problem) => sentences(problem, ''));
  if (problems.length > 0) throw unfit(problems.join('; '));
  return body.criteria.map(convertCriterion);
}

/** A list of criteria, each with a baseline; making instances goes into depth by recursion. */
const MAX_DEPTH = 5;
/** Every object has these of itself: whoever made instances of the list would take the text for the real one. */
const BUILT_IN = new Set(['constructor', 'prototype', '__proto__']);

function parse(value: string): unknown {
  let parsed: unknown;
  const foreign: string[] = [];
  try {
    parsed = JSON.parse(value, function (this: unknown, key, inner: unknown) {
      if (BUILT_IN.has(key)) foreign.push(key);
      // A field that is null counts as absent, as it does in a body.
      return inner === null && !Array.isArray(this) ? undefined : inner;
    });
  } catch {
    throw invalidParameter(`The tag '${CRITERIA_TAG}' is no JSON: write a list such as ${EXAMPLE}.`);
  }
  if (foreign.length > 0) throw unfit(`a criterion has no field ${foreign[0]}`);
  if (isDeeper(parsed, MAX_DEPTH)) throw unfit(`it nests deeper than ${MAX_DEPTH} levels`);
  return parsed;
}

function unfit(why: string): Error {
  return invalidParameter(`The tag '${CRITERIA_TAG}' does not fit: ${why}. It is a JSON list such as ${EXAMPLE}.`);
}

function sentences({ property, constraints = {}, children = [] }: ValidationError, parent: string): string[] {
  const pointer = `${parent}/${property}`;
  return [...Object.values(constraints).map((detail) => `${pointer} ${detail}`), ...children.flatMap((child) => sentences(child, pointer))];
}
