import { EventFeed, type FeedPage, type NatsLink } from '@cairn/messaging';
import type { Logger } from '@cairn/service';
import type { DeploymentEvent } from '../../deployment/domain/state.js';
import { DEPLOYMENT_WORK, VERSION_WORK, type VersionEvent, type WorkFeed, type WorkItem, type WorkPage } from '../../fleet/work-feed.js';
import { merged } from './merged.js';
import type { WorkFile } from './work-file.js';

export interface NatsWorkFeedOptions {
  readonly link: NatsLink;
  readonly logger: Logger;
  readonly file: WorkFile;
}

/** For a process without the log: what its file holds, then what comes through NATS, which is written to the file before it is handed out. */
export class NatsWorkFeed implements WorkFeed {
  constructor(private readonly options: NatsWorkFeedOptions) {}

  async *follow(signal: AbortSignal): AsyncGenerator<WorkPage, void> {
    const { file } = this.options;
    const isDeployment = ({ event }: WorkItem): boolean => DEPLOYMENT_WORK.includes(event.type);
    const lastDeployment = last(file.items.filter(isDeployment));
    const lastVersion = last(file.items.filter((item) => !isDeployment(item)));
    const known = last(file.items);
    // Whoever has a file knows its work as it was, and answers with that.
    if (known !== undefined) yield { events: file.items, next: after(lastDeployment), caughtUp: true };

    const deployments = this.feed<DeploymentEvent>('serving', 'deployment', DEPLOYMENT_WORK).follow(after(lastDeployment), signal, known);
    const versions = this.feed<VersionEvent>('registry', '*', VERSION_WORK).follow(after(lastVersion), signal, known);
    let [hasDeployments, hasVersions] = [false, false];
    for await (const page of merged<Tagged>(tagged('deployments', deployments), tagged('versions', versions))) {
      const { source, events, next, caughtUp } = page;
      if (source === 'deployments') hasDeployments ||= caughtUp;
      else hasVersions ||= caughtUp;
      await file.append(events);
      yield { events, next: source === 'deployments' ? next : undefined, caughtUp: hasDeployments && hasVersions };
    }
  }

  private feed<Event extends DeploymentEvent | VersionEvent>(producer: string, aggregate: string, types: readonly string[]): EventFeed<Event> {
    const { link, logger } = this.options;
    return new EventFeed<Event>({ link, logger, service: 'serving', producer, aggregate, types });
  }
}

interface Tagged extends Omit<FeedPage<DeploymentEvent | VersionEvent>, 'events'> {
  readonly source: 'deployments' | 'versions';
  readonly events: readonly WorkItem[];
}

async function* tagged(source: Tagged['source'], pages: AsyncIterable<FeedPage<DeploymentEvent | VersionEvent>>): AsyncGenerator<Tagged, void> {
  for await (const page of pages) yield { ...page, source };
}

function last(items: readonly WorkItem[]): WorkItem | undefined {
  return items.reduce<WorkItem | undefined>((latest, item) => (latest === undefined || item.position > latest.position ? item : latest), undefined);
}

function after(item: WorkItem | undefined): bigint {
  return item === undefined ? 0n : item.position + 1n;
}
