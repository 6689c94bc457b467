import 'reflect-metadata';
import { expect, it } from 'vitest';
import { NotedDto } from '../testing/noted.dto.js';
import { ValidationFailed, validationPipe } from './validation.js';

const take = (body: unknown): Promise<unknown> => validationPipe().transform(body, { type: 'body', metatype: NotedDto });

it('takes null for absent, at any depth', async () => {
  const taken = await take({ name: 'x', weight: null, first: null, lines: [{ count: null }, {}] });
  expect(taken).toMatchObject({ name: 'x', weight: 'low', first: undefined, lines: [{ count: 1 }, { count: 1 }] });
  expect(await take({ name: 'x', lines: null })).toMatchObject({ lines: [] });
});

it('leaves null to the caller in what is free in form', async () => {
  expect(await take({ name: 'x', free: { a: null, b: { c: null } }, list: [null, 1] })).toMatchObject({ free: { a: null, b: { c: null } }, list: [null, 1] });
});

it.each([{ name: null }, { name: 'x', lines: [null] }, { name: 'x', unknown: null }, null, 7])('refuses %j', async (body) => {
  await expect(take(body)).rejects.toThrow(ValidationFailed);
});
