/** The Open Inference Protocol over gRPC: no events, so the registry of events does not have them. */
export * from './gen/inference/grpc_service_pb.js';
export * from './gen/inference/model_config_pb.js';
