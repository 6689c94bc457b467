interface Tag {
  readonly key: string;
  readonly value: string;
}

/** Tags once some were set, in the order in which they were set last, or one was removed. */
export function tagsAfter(before: readonly Tag[], { data }: { readonly data: { readonly tags: readonly Tag[] } | { readonly key: string } }): Tag[] {
  if ('key' in data) return before.filter(({ key }) => key !== data.key);
  const changed = new Set(data.tags.map(({ key }) => key));
  return [...before.filter(({ key }) => !changed.has(key)), ...data.tags.map(({ key, value }) => ({ key, value }))];
}
