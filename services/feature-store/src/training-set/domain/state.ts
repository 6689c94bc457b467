import type { EventOf, features, Plain } from '@cairn/contracts';

export type TrainingSetEvent = EventOf<
  features.TrainingSetRequested | features.LeakageFound | features.LeakageCheckPassed | features.TrainingSetBuilt | features.TrainingSetFailed
>;

type Request = Plain<features.TrainingSetRequested>;

export type TrainingSetState =
  | { readonly status: 'none' }
  | { readonly status: 'requested'; readonly request: Request }
  /** No feature leaks: it may be built. */
  | { readonly status: 'checked'; readonly request: Request }
  /** A feature leaks: it is never built. */
  | { readonly status: 'refused'; readonly findings: Plain<features.LeakageFound>['findings'] }
  | { readonly status: 'built'; readonly digest: string }
  | { readonly status: 'failed'; readonly reason: string };

export function evolve(state: TrainingSetState, event: TrainingSetEvent): TrainingSetState {
  switch (event.type) {
    case 'cairn.features.v1.TrainingSetRequested':
      return { status: 'requested', request: event.data };
    case 'cairn.features.v1.LeakageCheckPassed':
      return state.status === 'requested' ? { status: 'checked', request: state.request } : state;
    case 'cairn.features.v1.LeakageFound':
      return { status: 'refused', findings: event.data.findings };
    case 'cairn.features.v1.TrainingSetBuilt':
      return { status: 'built', digest: event.data.digest };
    case 'cairn.features.v1.TrainingSetFailed':
      return { status: 'failed', reason: event.data.reason };
    default: {
      const unhandled: never = event;
      return unhandled;
    }
  }
}
