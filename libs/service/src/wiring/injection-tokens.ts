/** `EventStore` of @cairn/event-store. */
export const EVENT_STORE = Symbol('cairn.EventStore');
/** `ObjectStore` of @cairn/object-store. */
export const OBJECT_STORE = Symbol('cairn.ObjectStore');
/** `Clock` of @cairn/kernel. */
export const CLOCK = Symbol('cairn.Clock');
/** `ServiceConfig`. */
export const SERVICE_CONFIG = Symbol('cairn.ServiceConfig');
/** What `ServiceSpec.settings` returned. */
export const SERVICE_SETTINGS = Symbol('cairn.ServiceSettings');
/** `Tabular` of @cairn/tabular; its child process starts with the first question. */
export const TABULAR = Symbol('cairn.Tabular');
/** `Logger` of pino, with the service's name and the request's trace id in every line. */
export const LOGGER = Symbol('cairn.Logger');
/** `NatsLink` of @cairn/messaging; undefined without NATS. */
export const NATS_LINK = Symbol('cairn.NatsLink');
/** `Registry` of prom-client: the service's own metrics go in here. */
export const METRICS = Symbol('cairn.Metrics');
