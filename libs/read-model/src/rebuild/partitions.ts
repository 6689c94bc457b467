export interface PartitionedTable {
  readonly name: string;
  /** Rows lie in leaves alone. */
  readonly is_leaf: boolean;
}

/** A question to PostgreSQL, on a connection or on a data source. */
export type Ask = (sql: string, parameters: string[]) => Promise<PartitionedTable[]>;

/**
 * A table and its partitions, the table first; a table without partitions is alone and a leaf. All are in one schema. What changes a table as a whole (its
 * schema, whether it is logged) has to be said to each of them.
 */
export async function partitionsOf(ask: Ask, schema: string, table: string): Promise<PartitionedTable[]> {
  const found = await ask(
    `SELECT class.relname AS name, tree.isleaf AS is_leaf FROM pg_partition_tree(to_regclass($1)) AS tree
     JOIN pg_class class ON class.oid = tree.relid ORDER BY tree.level, class.relname`,
    [`"${schema}"."${table}"`],
  );
  return found.length === 0 ? [{ name: table, is_leaf: true }] : found;
}
