/** What replicas and their control plane say to each other: no events, so the registry of events does not have them. */
export * from './gen/cairn/serving/v1/replica_pb.js';
