import type { MessageInitShape } from '@bufbuild/protobuf';
import type { inference } from '@cairn/contracts';
import type { Settings, SettingValue } from '../v2/server-settings.js';

type TraceSettings = NonNullable<MessageInitShape<typeof inference.TraceSettingResponseSchema>['settings']>;
type LogSettings = NonNullable<MessageInitShape<typeof inference.LogSettingsResponseSchema>['settings']>;

/** A setting without a value asks for its default, and so for nothing here. */
export function convertTraceSettings(settings: inference.TraceSettingRequest['settings']): Settings {
  return Object.fromEntries(Object.entries(settings).flatMap(([name, { value }]) => (value.length === 0 ? [] : [[name, value]])));
}

export function toTraceSettings(settings: Settings): TraceSettings {
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, { value: [value].flat().map(String) }]));
}

export function convertLogSettings(settings: inference.LogSettingsRequest['settings']): Settings {
  return Object.fromEntries(
    Object.entries(settings).flatMap(([name, { parameterChoice: { value } }]): [string, SettingValue][] => (value === undefined ? [] : [[name, value]])),
  );
}

export function toLogSettings(settings: Settings): LogSettings {
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, { parameterChoice: logChoiceOf(value) }]));
}

function logChoiceOf(value: SettingValue): LogSettings[string]['parameterChoice'] {
  if (typeof value === 'boolean') return { case: 'boolParam', value };
  if (typeof value === 'number') return { case: 'uint32Param', value };
  return { case: 'stringParam', value: [value].flat().join() };
}
