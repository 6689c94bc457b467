export const STAGES = ['None', 'Staging', 'Production', 'Archived'] as const;

export type Stage = (typeof STAGES)[number];

/** Whoever gets there is in use: gates may guard these, and only they push others out. */
export type ActiveStage = 'Staging' | 'Production';

const TARGET_PREFIX = 'stage:';

/** MLflow's clients write stages in any case; undefined for what is none. */
export function stageOf(text: string): Stage | undefined {
  return STAGES.find((stage) => stage.toLowerCase() === text.toLowerCase());
}

export function isActive(stage: Stage): stage is ActiveStage {
  return stage === 'Staging' || stage === 'Production';
}

/** How gates, approvals and evaluations name a stage where they name an alias: a colon is in no alias. */
export function targetOfStage(stage: ActiveStage): string {
  return `${TARGET_PREFIX}${stage}`;
}

/** The stage that a target names; undefined for an alias, and for what names no stage that gates can guard. */
export function stageOfTarget(target: string): ActiveStage | undefined {
  const stage = target.startsWith(TARGET_PREFIX) ? stageOf(target.slice(TARGET_PREFIX.length)) : undefined;
  return stage !== undefined && isActive(stage) ? stage : undefined;
}

/** For a sentence: `The alias champion`, `The stage Production`. */
export function shownTarget(target: string): string {
  return target.startsWith(TARGET_PREFIX) ? `stage ${target.slice(TARGET_PREFIX.length)}` : `alias ${target}`;
}
