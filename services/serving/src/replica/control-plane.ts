/** What a replica says about itself once it has tried to load a version. */
export interface ReplicaReport {
  readonly workspace: string;
  readonly deploymentId: string;
  readonly rolloutId: string;
  readonly replicaId: string;
  readonly versionId: string;
  /** Of the bytes that were loaded; empty when nothing could be. */
  readonly digest: string;
  readonly outcome: { readonly goldenMaxDifference: number } | { readonly failure: string };
}

/**
 * Whom replicas report to: a call in this process today, a request over the network once replicas are processes of their own.
 * The same report may be sent again: it is recorded once. A rejection means that it may not have been recorded.
 */
export interface ControlPlane {
  report(report: ReplicaReport): Promise<void>;
}
