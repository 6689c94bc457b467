import { IsIn, IsNumber, IsUUID, ValidateBy, ValidateIf } from 'class-validator';

/** Refuses what would otherwise be ignored. */
function GoesWith(kind: FallbackDto['kind']): PropertyDecorator {
  const validate = (_value: unknown, asked?: { readonly object: object }): boolean => asked !== undefined && 'kind' in asked.object && asked.object.kind === kind;
  return ValidateBy({ name: 'goesWith', validator: { validate, defaultMessage: () => `$property goes with the kind ${kind} alone` } });
}

/** Who answers while no version is live, and while the kill switch is on. */
export class FallbackDto {
  @IsIn(['constant', 'version'])
  kind: 'constant' | 'version';

  /** With `constant`: what is answered. */
  @ValidateIf(({ kind, value }: FallbackDto) => kind === 'constant' || value !== undefined)
  @IsNumber()
  @GoesWith('constant')
  value?: number;

  /** With `version`: who answers; a version of the deployment's registered model that may be rolled out. */
  @ValidateIf(({ kind, version_id }: FallbackDto) => kind === 'version' || version_id !== undefined)
  @IsUUID()
  @GoesWith('version')
  version_id?: string;
}
