import { describe, expect, it } from 'vitest';
import { convertContract } from './convert.js';

const yaml = `
apiVersion: v3.1.0
kind: DataContract
id: flights
version: 1.0.0
status: active
schema:
  - name: flights
    properties:
      - name: delay
        businessName: Arrival delay
        required: true
        logicalTypeOptions: { minimum: -120, maximum: 1440 }
        customProperties: [{ property: unit, value: min }]
      - name: origin
        logicalTypeOptions: { pattern: "[A-Z]{3}" }
`;

describe('a contract document', () => {
  it('gives range, unit and pattern per column', () => {
    expect(convertContract(yaml)).toEqual({
      odcsId: 'flights',
      version: '1.0.0',
      datasetName: 'flights',
      rules: [
        { column: 'delay', unit: 'min', minimum: -120, maximum: 1440, pattern: '', required: true, businessName: 'Arrival delay' },
        { column: 'origin', unit: '', minimum: undefined, maximum: undefined, pattern: '[A-Z]{3}', required: false, businessName: '' },
      ],
    });
  });

  it('is refused with the place that is wrong', () => {
    expect(() => convertContract('kind: Something')).toThrow(
      expect.objectContaining({ code: 'INVALID_CONTRACT', message: expect.stringContaining('/kind must be equal to constant') }),
    );
    expect(() => convertContract(yaml.replace('minimum: -120', 'minimum: low'))).toThrow(/\/schema\/0\/properties\/0\/logicalTypeOptions\/minimum must be number/);
  });

  it('is refused when it is no YAML', () => {
    expect(() => convertContract('{ [')).toThrow(expect.objectContaining({ code: 'INVALID_CONTRACT' }));
  });
});
