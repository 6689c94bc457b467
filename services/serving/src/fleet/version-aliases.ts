import type { EventOf, registry } from '@cairn/contracts';

export type AliasEvent = EventOf<registry.VersionPromoted | registry.AliasMoved | registry.AliasRemoved>;

export const ALIAS_EVENTS: readonly AliasEvent['type'][] = ['cairn.registry.v1.VersionPromoted', 'cairn.registry.v1.AliasMoved', 'cairn.registry.v1.AliasRemoved'];

/** Which aliases versions carry that the registry's gates let them have. The same events again, in the same order, change nothing in the end. */
export class VersionAliases {
  private readonly carried = new Map<string, Set<string>>();

  carries(versionId: string, alias: string): boolean {
    return this.carried.get(versionId)?.has(alias) === true;
  }

  apply(event: AliasEvent): void {
    switch (event.type) {
      case 'cairn.registry.v1.VersionPromoted': {
        const { versionId, alias } = event.data;
        this.carried.set(versionId, (this.carried.get(versionId) ?? new Set()).add(alias));
        break;
      }
      case 'cairn.registry.v1.AliasMoved': {
        const { versionId, previousVersionId, alias } = event.data;
        if (previousVersionId !== versionId) this.drop(previousVersionId, alias);
        break;
      }
      case 'cairn.registry.v1.AliasRemoved':
        this.drop(event.data.previousVersionId, event.data.alias);
        break;
      default: {
        const unhandled: never = event;
        return unhandled;
      }
    }
  }

  private drop(versionId: string, alias: string): void {
    const aliases = this.carried.get(versionId);
    aliases?.delete(alias);
    if (aliases?.size === 0) this.carried.delete(versionId);
  }
}

export function isAliasEvent(event: { readonly type: string }): event is AliasEvent {
  return ALIAS_EVENTS.some((type) => type === event.type);
}
