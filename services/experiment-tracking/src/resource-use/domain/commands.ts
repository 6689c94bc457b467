import type { Plain, tracking } from '@cairn/contracts';
import type { Command } from '@cairn/kernel';

export type ResourceFigure = Plain<tracking.ResourceFigure>;

export type ReportResources = Command<'ReportResources', { readonly runId: string; readonly figures: readonly ResourceFigure[] }>;
