import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DATASET, scriptsFolder, type Demo } from '../context.js';
import { hold } from '../expectation.js';

export interface DatasetVersion {
  readonly version_id: string;
  readonly version: number;
  readonly digest: string;
  readonly row_count: number;
  readonly status: string;
}

interface CheckedVersion extends DatasetVersion {
  readonly check: { readonly rows_checked: number; readonly rows_violating: number; readonly violations: readonly Violation[] };
}

interface Violation {
  readonly column: string;
  readonly rule: string;
  readonly count: number;
  readonly examples: readonly Record<string, unknown>[];
}

export interface Catalog {
  /** January to March as it came, and its clean rows. */
  readonly firstRaw: DatasetVersion;
  readonly first: DatasetVersion;
  /** Clean rows of April to June. */
  readonly second: DatasetVersion;
}

const SOURCE = 'data/flights-3m.parquet';

/** Registers the flights, shows what breaks their contract, and certifies the clean rows. */
export async function catalogStep(demo: Demo): Promise<Catalog> {
  const { ana, out } = demo;
  const vega = join(scriptsFolder, '../node_modules/vega-datasets');
  const { version } = JSON.parse(readFileSync(join(vega, 'package.json'), 'utf8')) as { version: string };
  const upload = await ana.upload<{ digest: string; size_bytes: number }>('/catalog/v1/uploads', readFileSync(join(vega, SOURCE)), 'application/vnd.apache.parquet');
  out.say(`Uploaded ${SOURCE}: ${upload.digest.slice(0, 19)}…, ${(upload.size_bytes / 1e6).toFixed(1)} MB`);
  await ana.post('/catalog/v1/datasets', { name: DATASET, description: 'US flights, January to June 2001', owner: 'ana', tags: ['flights', 'bts'] });
  const origin = `npm:vega-datasets@${version}/${SOURCE} (US Bureau of Transportation Statistics)`;

  const firstRaw = await register(demo, upload.digest, `date < TIMESTAMP '2001-04-01'`, origin);
  out.say(`Version ${firstRaw.version}, January to March: ${firstRaw.row_count.toLocaleString('en')} rows, ${firstRaw.digest.slice(0, 19)}…`);
  await ana.sendText('/catalog/v1/contracts', readFileSync(join(scriptsFolder, 'data/flights.odcs.yaml'), 'utf8'), 'application/yaml');
  const checked = await ana.post<CheckedVersion>(`/catalog/v1/versions/${firstRaw.version_id}/check`);
  hold(checked.check.rows_violating > 0 && checked.status === 'quarantined', 'the data holds impossible values, but the contract check found none');
  out.refused(`${checked.check.rows_violating} rows break the contract; version ${firstRaw.version} is quarantined`);
  for (const { column, rule, count, examples } of checked.check.violations) {
    out.detail(`${column} ${rule}: ${count}, e.g. ${JSON.stringify(examples[0])}`);
  }
  const refusal = await ana.send<{ code: string }>('POST', `/catalog/v1/versions/${firstRaw.version_id}/certify`, { comment: 'too early' });
  hold(refusal.status === 422, 'a version that breaks its contract was certified');

  const first = await cleanAndCertify(demo, firstRaw);
  const second = await cleanAndCertify(demo, await register(demo, upload.digest, `date >= TIMESTAMP '2001-04-01' AND date < TIMESTAMP '2001-07-01'`, origin));
  return { firstRaw, first, second };
}

async function register({ ana }: Demo, digest: string, filter: string, origin: string): Promise<DatasetVersion> {
  return ana.post<DatasetVersion>(`/catalog/v1/datasets/${DATASET}/versions`, { digest, filter, origin });
}

/** Derives the clean rows, checks them and certifies them golden. */
async function cleanAndCertify({ ana, out }: Demo, raw: DatasetVersion): Promise<DatasetVersion> {
  if (raw.status === 'registered') await ana.post(`/catalog/v1/versions/${raw.version_id}/check`);
  const clean = await ana.post<DatasetVersion>(`/catalog/v1/versions/${raw.version_id}/clean`);
  const checked = await ana.post<CheckedVersion>(`/catalog/v1/versions/${clean.version_id}/check`);
  hold(checked.check.rows_violating === 0, 'the clean rows still break the contract');
  const certified = await ana.post<DatasetVersion>(`/catalog/v1/versions/${clean.version_id}/certify`, { comment: 'all rules of contract 1.0.0 hold' });
  hold(certified.status === 'certified', 'the clean version was not certified');
  out.good(`Version ${clean.version}, derived from version ${raw.version}: ${clean.row_count.toLocaleString('en')} clean rows, certified golden`);
  return certified;
}
