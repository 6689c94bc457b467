export { MessagingError, type MessagingErrorCode } from './errors.js';
export type { Delivery } from './handler/delivery.js';
export { RetryLater, Terminate } from './handler/endings.js';
export { CAIRN_EVENTS_TRANSPORT, OnEvent, type OnEventOptions } from './handler/on-event.js';
export { policyMeta } from './handler/policy-meta.js';
export { Inbox } from './inbox.js';
