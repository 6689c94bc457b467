/**
 * The parts of the Open Data Contract Standard 3.1 that the catalog acts on. Everything else of the standard is allowed and kept, byte for byte, in the
 * stored document. The standard has no unit on a column: it stands in `customProperties` as `unit`, a UCUM code.
 */
export const odcsSchema = {
  type: 'object',
  required: ['version', 'apiVersion', 'kind', 'id', 'status', 'schema'],
  properties: {
    version: { type: 'string', minLength: 1, maxLength: 100 },
    apiVersion: { type: 'string', pattern: '^v3\\.[01]\\.\\d+$' },
    kind: { const: 'DataContract' },
    id: { type: 'string', minLength: 1, maxLength: 200 },
    status: { type: 'string', minLength: 1 },
    schema: {
      type: 'array',
      minItems: 1,
      maxItems: 1,
      items: {
        type: 'object',
        required: ['name', 'properties'],
        properties: {
          name: { type: 'string', minLength: 1, maxLength: 200 },
          properties: { type: 'array', minItems: 1, maxItems: 2000, items: { $ref: '#/$defs/property' } },
        },
      },
    },
  },
  $defs: {
    property: {
      type: 'object',
      required: ['name'],
      properties: {
        name: { type: 'string', minLength: 1, maxLength: 200 },
        businessName: { type: 'string' },
        required: { type: 'boolean' },
        logicalTypeOptions: {
          type: 'object',
          properties: { minimum: { type: 'number' }, maximum: { type: 'number' }, pattern: { type: 'string', maxLength: 500 } },
        },
        customProperties: {
          type: 'array',
          items: { type: 'object', required: ['property', 'value'], properties: { property: { type: 'string' } } },
        },
      },
    },
  },
} as const;
