import { invalidParameter } from '@cairn/mlflow';
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
  if (problems.length > 0) throw invalidParameter(`The tag '${CRITERIA_TAG}' does not fit: ${problems.join('; ')}. It is a JSON list such as ${EXAMPLE}.`);
  return body.criteria.map(convertCriterion);
}

function parse(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    throw invalidParameter(`The tag '${CRITERIA_TAG}' is no JSON: write a list such as ${EXAMPLE}.`);
  }
}

function sentences({ property, constraints = {}, children = [] }: ValidationError, parent: string): string[] {
  const pointer = `${parent}/${property}`;
  return [...Object.values(constraints).map((detail) => `${pointer} ${detail}`), ...children.flatMap((child) => sentences(child, pointer))];
}
