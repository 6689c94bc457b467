import type { Plain, scheduler } from '@cairn/contracts';
import type { Command } from '@cairn/kernel';

export type DeclareTrigger = Command<'DeclareTrigger', Plain<scheduler.TriggerDeclared>>;
export type FireTrigger = Command<
  'FireTrigger',
  { readonly triggerId: string; readonly jobId: string; readonly causeEventId: string; readonly incidentId: string }
>;

export type TriggerCommand = DeclareTrigger | FireTrigger;
