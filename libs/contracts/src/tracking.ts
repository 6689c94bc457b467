/** The facts of experiment tracking are defined in several files of one package. */
export * from './gen/cairn/tracking/v1/cost_pb.js';
export * from './gen/cairn/tracking/v1/events_pb.js';
export * from './gen/cairn/tracking/v1/logged_model_pb.js';
export * from './gen/cairn/tracking/v1/trace_pb.js';
