export * from './errors.js';
export type { Finding, FindingCode } from './finding.js';
export { BUNDLE_FORMAT, type Manifest } from './manifest.js';
export { verifyBundle, type BundleVerdict, type Evidence } from './verify-bundle.js';
export { writeBundle, type BundleRequest, type LogSource } from './write-bundle.js';
