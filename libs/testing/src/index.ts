export { debianPackage, type DebianPackage } from './debian-package.js';
export { testMeta } from './decider/command-meta.js';
export { deciderSpec, type Given, type When } from './decider/decider-spec.js';
export { Deliveries } from './servers/deliveries.js';
export { createDatabase, type TestDatabase } from './servers/database.js';
export { startTestNats } from './servers/nats.js';
export { tempDir } from './servers/temp-dir.js';
export { startTestService, type JsonAnswer, type TestService, type TestServiceOptions } from './servers/test-service.js';
export { waitUntil } from './wait-until.js';
