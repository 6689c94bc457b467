import { Ajv, type ErrorObject } from 'ajv';
import { DomainError } from '@cairn/kernel';
import { parse } from 'yaml';
import { odcsSchema } from './odcs-schema.js';

interface OdcsProperty {
  readonly name: string;
  readonly businessName?: string;
  readonly required?: boolean;
  readonly logicalTypeOptions?: { readonly minimum?: number; readonly maximum?: number; readonly pattern?: string };
  readonly customProperties?: readonly { readonly property: string; readonly value: unknown }[];
}

interface OdcsDocument {
  readonly id: string;
  readonly version: string;
  readonly schema: readonly [{ readonly name: string; readonly properties: readonly OdcsProperty[] }];
}

export interface ColumnRule {
  readonly column: string;
  readonly unit: string;
  readonly minimum: number | undefined;
  readonly maximum: number | undefined;
  readonly pattern: string;
  readonly required: boolean;
  readonly businessName: string;
}

export interface ContractDocument {
  readonly odcsId: string;
  readonly version: string;
  /** Name of the one schema object: the dataset. */
  readonly datasetName: string;
  readonly rules: readonly ColumnRule[];
}

const isOdcs = new Ajv({ allErrors: true, strict: true, strictRequired: false }).compile<OdcsDocument>(odcsSchema);
const UNIT_PROPERTY = 'unit';
const MAX_SHOWN_PROBLEMS = 10;

/** YAML or JSON of a contract → its rules. Throws DomainError INVALID_CONTRACT that says where the document is wrong. */
export function convertContract(text: string): ContractDocument {
  const document = parseYaml(text);
  if (!isOdcs(document)) throw new DomainError('INVALID_CONTRACT', `This is no ODCS 3.1 contract: ${problemsOf(isOdcs.errors ?? [])}.`, 'invalid');
  const [table] = document.schema;
  return { odcsId: document.id, version: document.version, datasetName: table.name, rules: table.properties.map(convertProperty) };
}

function parseYaml(text: string): unknown {
  try {
    // A small bound on aliases keeps a short document from unfolding into a huge one.
    return parse(text, { maxAliasCount: 100 });
  } catch (cause) {
    const where = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : '';
    throw new DomainError('INVALID_CONTRACT', `The contract is neither YAML nor JSON: ${where}`, 'invalid', { cause });
  }
}

function convertProperty(property: OdcsProperty): ColumnRule {
  const { minimum, maximum, pattern } = property.logicalTypeOptions ?? {};
  const unit = property.customProperties?.find((custom) => custom.property === UNIT_PROPERTY)?.value;
  return {
    column: property.name,
    unit: typeof unit === 'string' ? unit : '',
    minimum,
    maximum,
    pattern: pattern ?? '',
    required: property.required ?? false,
    businessName: property.businessName ?? '',
  };
}

function problemsOf(errors: readonly ErrorObject[]): string {
  return errors
    .slice(0, MAX_SHOWN_PROBLEMS)
    .map(({ instancePath, message }) => `${instancePath === '' ? 'the document' : instancePath} ${message ?? 'is wrong'}`)
    .join('; ');
}
