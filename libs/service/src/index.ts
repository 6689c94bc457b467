import 'reflect-metadata';

export { ConfigError, EnvReader, type Environment } from './config/env-reader.js';
export { readServiceConfig, type LogLevel, type ServiceConfig } from './config/service-config.js';
export { parseTokens, type TokenTable } from './config/tokens-file.js';
export { LOCAL_PRINCIPAL } from './http/authentication.js';
export { identityOf, type Identity } from './http/identity.js';
export { Meta, metaOf, newIdFor } from './http/meta.decorator.js';
export { PageDto } from './http/page.dto.js';
export { keyOfToken, pageOf, type Page } from './http/page.js';
export { problemOf, statusOfKind, type FieldError, type Problem } from './http/problem.js';
export { ValidationFailed } from './http/validation.js';
export { runMain } from './run-main.js';
export { placements, type ServiceName, type ServiceSpec } from './service-spec.js';
export { startService, type RunningService } from './start-service.js';
export { CLOCK, EVENT_STORE, LOGGER, METRICS, OBJECT_STORE, SERVICE_CONFIG, SERVICE_SETTINGS, TABULAR } from './wiring/injection-tokens.js';
export type { Parts, SharedParts, StatefulParts } from './wiring/parts.js';
export type { FastifyReply, FastifyRequest } from 'fastify';
export type { Logger } from 'pino';
