import type { RolledVersion } from '../deployment/domain/state.js';
import type { Signature } from '../deployment/views/servable-version/signature.js';
import type { FeatureLayout } from '../inference/feature-layout.js';

/** A version that replicas of a deployment run, with what the edge has to know to talk to it. */
export interface ServedVersion extends RolledVersion {
  readonly signature: Signature;
  readonly layout: FeatureLayout;
}
