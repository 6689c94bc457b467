/** The parts of an OpenAPI 3 document that merging touches. */
export interface ApiDocument {
  readonly paths?: Readonly<Record<string, unknown>>;
  readonly components?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly tags?: readonly unknown[];
  readonly [other: string]: unknown;
}

/** Paths that every service has for itself. */
const PRIVATE_PATHS = /^\/(health|metrics|openapi\.json)/;

/**
 * One document of many. Two services may call different shapes by the same name, so every component gets its service's name in front; a path that two
 * services describe keeps the description of the first.
 */
export function mergeDocuments(own: ApiDocument, documents: ReadonlyMap<string, ApiDocument>): ApiDocument {
  const paths: Record<string, unknown> = {};
  const components: Record<string, Record<string, unknown>> = { ...structuredClone(own.components) };
  for (const [service, document] of documents) {
    const renamed = prefixReferences(document, service);
    for (const [path, item] of Object.entries(renamed.paths ?? {})) if (!PRIVATE_PATHS.test(path)) paths[path] ??= item;
    for (const [kind, named] of Object.entries(renamed.components ?? {})) {
      if (kind === 'securitySchemes') continue;
      const target = (components[kind] ??= {});
      for (const [name, component] of Object.entries(named)) target[`${service}.${name}`] = component;
    }
  }
  return { ...own, paths: { ...own.paths, ...paths }, components };
}

function prefixReferences(document: ApiDocument, service: string): ApiDocument {
  const text = JSON.stringify(document, (key, value: unknown) =>
    key === '$ref' && typeof value === 'string' ? value.replace(/^(#\/components\/\w+\/)/, `$1${service}.`) : value,
  );
  return JSON.parse(text) as ApiDocument;
}
