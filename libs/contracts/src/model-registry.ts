/** The facts of the model registry are defined in several files of one package. */
export * from './gen/cairn/registry/v1/events_pb.js';
export * from './gen/cairn/registry/v1/provenance_pb.js';
