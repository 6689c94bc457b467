import { decodeEvent, eventSchema } from '@cairn/contracts';
import type { EventStore, StoredEvent } from '@cairn/event-store';
import { streamName, type DomainEvent } from '@cairn/kernel';
import { EVENT_STORE } from '@cairn/service';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { namedSource } from '../../model-version/domain/source.js';
import { JobEvidenceRow } from '../../model-version/views/evidence/evidence.entity.js';
import type { VersionRow } from '../../model-version/views/version-list/version.entity.js';
import { foldContract, foldDatasetVersion, foldJob, foldTrainingSet, type Fact } from './data-facts.js';
import type { Origin } from './origin.js';
import { foldFiles, foldRun, type LoggedFile } from './run-facts.js';

/** Of a longer stream its beginning and its end are read: parameters and inputs come first, the last metrics and the verdict last. */
const MAX_EVENTS_AT_EACH_END = 2_000;
/** One event holds up to a thousand points: so many events of such would be too much to hold. */
const MAX_POINTS_AT_EACH_END = 50_000;
const PAGE = 100;
const MAX_HISTORY_VERSIONS = 20;
const HEX_ID = /^[0-9a-f]{32}$/;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

interface Facts {
  readonly facts: readonly Fact[];
  readonly unread: number;
}

const NOTHING: Facts = { facts: [], unread: 0 };

/**
 * What the log says about the things that a version names: nobody is asked, and no table is kept, because such questions are rare and runs are long. Only
 * streams of the version's own workspace are looked at, whatever id a caller gave it.
 */
@Injectable()
export class LogFacts {
  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(DataSource) private readonly dataSource: DataSource,
  ) {}

  async originOf(version: VersionRow): Promise<Origin> {
    const { workspace, runId, trainingSetId } = version;
    const [ofRun, set, job, files] = await Promise.all([
      this.read('run', uuidOf(runId), workspace),
      this.read('training-set', trainingSetId, workspace),
      this.job(runId, workspace),
      this.filesOf(version),
    ]);
    const run = foldRun(ofRun.facts);
    const trainingSet = foldTrainingSet(set.facts);
    const ids = trainingSet === undefined ? [] : [trainingSet.requested.datasetVersionId, ...trainingSet.requested.historyVersionIds.slice(0, MAX_HISTORY_VERSIONS)];
    const found = await Promise.all([...new Set(ids)].map(async (id) => foldDatasetVersion((await this.read('dataset-version', id, workspace)).facts)));
    const datasets = found.filter((one) => one !== undefined);
    const contract = datasets[0] === undefined ? undefined : await this.contractOf(datasets[0], workspace);
    return {
      version, unreadEvents: ofRun.unread, datasets, files,
      ...(run !== undefined && { run }), ...(job !== undefined && { job }), ...(trainingSet !== undefined && { trainingSet }), ...(contract !== undefined && { contract }),
    };
  }

  /** Files below a version's source, or below where a copy's bytes are, by their path from there. Empty for a place that the log knows nothing of. */
  async filesOf({ source, storageLocation, workspace }: Pick<VersionRow, 'source' | 'storageLocation' | 'workspace'>): Promise<ReadonlyMap<string, LoggedFile>> {
    const place = storageLocation === '' ? source : storageLocation;
    const named = namedSource(place);
    if (named.kind === 'logged-model') return foldFiles((await this.read('logged-model', uuidOf(named.loggedModelId.slice(2)), workspace)).facts);
    if (named.kind !== 'run') return new Map();
    const folder = decodedPath(place.replace(/^runs:\/[^/]+\/?/, '')).replace(/\/+$/, '');
    const files = foldFiles((await this.read('run', uuidOf(named.runId), workspace)).facts);
    return below(files, folder);
  }

  private async job(runId: string, workspace: string) {
    const row = runId === '' ? null : await this.dataSource.manager.findOneBy(JobEvidenceRow, { runId });
    return row === null ? undefined : foldJob((await this.read('job', row.jobId, workspace)).facts);
  }

  private async contractOf({ certified, checked }: NonNullable<ReturnType<typeof foldDatasetVersion>>, workspace: string) {
    const contractId = certified?.contractId ?? checked?.contractId ?? '';
    const { facts } = await this.read('contract', contractId, workspace);
    return foldContract(facts, certified?.contractVersion ?? checked?.contractVersion ?? '');
  }

  private async read(category: string, id: string, workspace: string): Promise<Facts> {
    if (!UUID.test(id)) return NOTHING;
    const stream = streamName(category, id);
    const first = await this.readEnd(stream, 'forwards');
    const end = first.events.at(-1)?.revision ?? -1n;
    const later = first.isWhole ? [] : (await this.readEnd(stream, 'backwards')).events.filter(({ revision }) => revision > end).reverse();
    const unread = later[0] === undefined ? 0 : Number(later[0].revision - end - 1n);
    return { facts: [...first.events, ...later].filter((event) => event.workspace === workspace).flatMap(toFact), unread };
  }

  private async readEnd(stream: string, direction: 'forwards' | 'backwards'): Promise<{ readonly events: readonly StoredEvent[]; readonly isWhole: boolean }> {
    const events: StoredEvent[] = [];
    for (let [from, points]: [bigint | undefined, number] = [undefined, 0]; ; ) {
      const page = await this.store.readStream(stream, { direction, limit: PAGE, ...(from !== undefined && { from }) });
      events.push(...page);
      const last = page.at(-1)?.revision ?? 0n;
      if (page.length < PAGE || (direction === 'backwards' && last === 0n)) return { events, isWhole: true };
      points += page.reduce((sum, { data }) => sum + (Array.isArray(data['keys']) ? data['keys'].length : 0), 0);
      if (events.length >= MAX_EVENTS_AT_EACH_END || points >= MAX_POINTS_AT_EACH_END) return { events, isWhole: false };
      from = direction === 'forwards' ? last + 1n : last - 1n;
    }
  }
}

/** A type that this version of the service does not know is somebody newer's. */
function toFact({ type, data, time, actor }: StoredEvent): Fact[] {
  if (eventSchema(type) === undefined) return [];
  return [{ ...decodeEvent<DomainEvent & { readonly data: object }>(type, data), time, actor }];
}

function uuidOf(hex: string): string {
  return HEX_ID.test(hex) ? [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-') : '';
}

function below(files: ReadonlyMap<string, LoggedFile>, folder: string): ReadonlyMap<string, LoggedFile> {
  if (folder === '') return files;
  const name = folder.split('/').at(-1) ?? folder;
  return new Map(
    [...files].flatMap(([path, file]): [string, LoggedFile][] => {
      if (path === folder) return [[name, file]];
      return path.startsWith(`${folder}/`) ? [[path.slice(folder.length + 1), file]] : [];
    }),
  );
}

function decodedPath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
