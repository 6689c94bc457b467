const PREDICATES = [
  'amber', 'bold', 'calm', 'clear', 'crisp', 'early', 'even', 'fair', 'fleet', 'frosty', 'gentle', 'grand', 'high', 'keen', 'light', 'lofty',
  'mossy', 'noble', 'open', 'pale', 'quiet', 'rocky', 'sharp', 'silver', 'snowy', 'steady', 'steep', 'stony', 'sunlit', 'tall', 'wide', 'windy',
];
const NOUNS = [
  'arete', 'basin', 'beck', 'boulder', 'brook', 'cairn', 'cliff', 'col', 'combe', 'crag', 'dale', 'edge', 'fell', 'fjord', 'glen', 'gorge',
  'granite', 'heath', 'hill', 'ledge', 'loch', 'moor', 'notch', 'pass', 'path', 'peak', 'ridge', 'scree', 'slate', 'spring', 'summit', 'tarn',
];

/** A name that a person can say, for a run that got none, e.g. `steep-granite-417`. The same id gives the same name. */
export function nameOfRun(runId: string): string {
  const seed = Number.parseInt(runId.slice(-10), 16);
  const predicate = PREDICATES[seed % PREDICATES.length] ?? '';
  const noun = NOUNS[Math.floor(seed / PREDICATES.length) % NOUNS.length] ?? '';
  return `${predicate}-${noun}-${Math.floor(seed / (PREDICATES.length * NOUNS.length)) % 1_000}`;
}
