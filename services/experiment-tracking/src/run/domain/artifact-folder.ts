/** Whether a path is the folder or lies below it; an empty folder is the root. */
export function isWithin(path: string, folder: string): boolean {
  return folder === '' || path === folder || path.startsWith(`${folder}/`);
}

/** The artifacts that a removal of a path, with everything below it, leaves. */
export function withoutFolder(artifacts: ReadonlyMap<string, string>, folder: string): ReadonlyMap<string, string> {
  return new Map([...artifacts].filter(([path]) => !isWithin(path, folder)));
}
