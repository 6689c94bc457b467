import { describe, expect, it } from 'vitest';
import { mergeDocuments, type ApiDocument } from './merge-documents.js';

const document = (path: string): ApiDocument => ({
  paths: { [path]: { get: { schema: { $ref: '#/components/schemas/Item' } } }, '/health/live': { get: {} } },
  components: { schemas: { Item: { type: 'object', description: path } }, securitySchemes: { bearer: {} } },
});

describe('merged API documents', () => {
  const merged = mergeDocuments(
    { openapi: '3.0.0', info: { title: 'Cairn' }, paths: { '/gateway/v1/services': {} }, components: { securitySchemes: { bearer: {} } } },
    new Map([['serving', document('/serving/v1/deployments')], ['monitoring', document('/monitoring/v1/monitors')]]),
  );

  it('have every service’s paths, and not those that each service has for itself', () => {
    expect(Object.keys(merged.paths ?? {})).toEqual(['/gateway/v1/services', '/serving/v1/deployments', '/monitoring/v1/monitors']);
  });

  it('keep apart shapes of the same name', () => {
    expect(Object.keys(merged.components?.['schemas'] ?? {})).toEqual(['serving.Item', 'monitoring.Item']);
    expect(merged.paths?.['/monitoring/v1/monitors']).toEqual({ get: { schema: { $ref: '#/components/schemas/monitoring.Item' } } });
  });
});
