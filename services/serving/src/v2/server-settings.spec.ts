import { describe, expect, it } from 'vitest';
import { logSettings, requireUnchanged, traceSettings } from './server-settings.js';

describe('requireUnchanged', () => {
  it('answers what is so, also to whoever asks for just that', () => {
    expect(requireUnchanged('trace', {})).toBe(traceSettings);
    expect(requireUnchanged('trace', { trace_level: ['OFF'], trace_rate: [1000] })).toBe(traceSettings);
    expect(requireUnchanged('log', { log_info: true, log_verbose_level: 0 })).toBe(logSettings);
  });

  it('refuses a change, and what is no setting', () => {
    expect(() => requireUnchanged('trace', { trace_level: ['TENSORS'] })).toThrow("trace setting 'trace_level' can't be changed by a request");
    expect(() => requireUnchanged('log', { log_info: false })).toThrow('CAIRN_LOG_LEVEL says what is logged');
    expect(() => requireUnchanged('log', { constructor: 'x' })).toThrow("there is no log setting 'constructor'");
  });
});
