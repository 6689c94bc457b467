/** `OnRunFinished`, `handle` → `on-run-finished`; another method is appended. */
export function handlerNameOf(className: string, method: string): string {
  return method === 'handle' ? kebab(className) : `${kebab(className)}-${kebab(method)}`;
}

function kebab(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1-$2')
    .toLowerCase();
}
