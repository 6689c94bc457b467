/** Of a key's JSON text in UTF-8: what an index of PostgreSQL takes with room to spare. */
export const MAX_KEY_BYTES = 2_000;

/** Values of the entity columns as one text. JSON keeps ("1", "23") apart from ("12", "3"). */
export function entityKey(values: readonly string[]): string {
  return JSON.stringify(values);
}

/** Column of a materialised file that holds the values of an entity column, as texts; no feature can be called so. */
export function keyColumn(entityColumn: string): string {
  return `entity:${entityColumn}`;
}

/** Types whose texts are the same in every client: neither fractions nor times, of which there are several spellings. */
export const KEY_TYPE = /^(VARCHAR|BOOLEAN|U?(TINYINT|SMALLINT|INTEGER|BIGINT)|UUID|DATE|ENUM\(.*\))$/;
