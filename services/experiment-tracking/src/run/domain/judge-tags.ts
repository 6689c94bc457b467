/** Tags of a judged run, which come from its verdict alone. */
export const VERDICT_TAG = 'cairn.verdict';
export const CRITERIA_VERSION_TAG = 'cairn.criteria_version';

export function isJudgeTag(key: string): boolean {
  return key === VERDICT_TAG || key === CRITERIA_VERSION_TAG;
}
