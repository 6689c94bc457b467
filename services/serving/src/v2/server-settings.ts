import { V2Error } from './v2-error.js';

export type SettingValue = string | number | boolean | readonly string[];
export type Settings = Readonly<Record<string, SettingValue>>;

/** As Triton writes them in JSON (docs/protocol/extension_trace.md). Requests are not traced: what they were is in the inference log. */
export const traceSettings: Settings = { trace_file: '', trace_level: ['OFF'], trace_rate: '1000', trace_count: '-1', log_frequency: '0', trace_mode: 'triton' };

/** Likewise (docs/protocol/extension_logging.md). What is logged is decided where the service is started. */
export const logSettings: Settings = { log_file: '', log_info: true, log_warning: true, log_error: true, log_verbose_level: 0, log_format: 'default' };

/** Nothing of them can be changed by a request: asking for what is already so is answered, anything else is a V2Error 400. */
export function requireUnchanged(kind: 'trace' | 'log', asked: Readonly<Record<string, unknown>>): Settings {
  const settings = kind === 'trace' ? traceSettings : logSettings;
  for (const [name, value] of Object.entries(asked)) {
    const known = Object.hasOwn(settings, name) ? settings[name] : undefined;
    if (known === undefined) throw new V2Error(400, `there is no ${kind} setting '${name.slice(0, 200)}'`);
    if (textOf(value) === textOf(known)) continue;
    const instead = kind === 'trace' ? 'the inference log keeps what was asked' : 'CAIRN_LOG_LEVEL says what is logged';
    throw new V2Error(400, `${kind} setting '${name}' can't be changed by a request: ${instead}`);
  }
  return settings;
}

/** Clients write numbers as texts and single values as lists, or not. */
function textOf(value: unknown): string {
  return JSON.stringify([value].flat().map(String));
}
