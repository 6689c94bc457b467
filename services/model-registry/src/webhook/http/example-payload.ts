import type { JsonObject } from '@cairn/kernel';

const EXAMPLE: JsonObject = { name: 'example', tags: { example_key: 'example_value' }, description: 'An example' };
const VERSION: JsonObject = { name: 'example', version: '1' };

/** What a test sends: the fields that the event has, with made-up values. */
export function exampleData(event: string): JsonObject {
  const [entity = '', action] = event.split('.');
  if (entity.endsWith('_tag')) {
    const of = entity.includes('version') ? VERSION : { name: 'example' };
    return { ...of, key: 'example_key', ...(action === 'set' && { value: 'example_value' }) };
  }
  if (entity.endsWith('_alias')) return { name: 'example', alias: 'example_alias', ...(action === 'created' && { version: '1' }) };
  if (entity === 'model_version') return { ...EXAMPLE, version: '1', source: 'models:/123', run_id: 'abcd1234abcd5678' };
  if (entity === 'prompt_version') return { ...EXAMPLE, version: '1', template: 'Hello {{name}}!' };
  return EXAMPLE;
}
