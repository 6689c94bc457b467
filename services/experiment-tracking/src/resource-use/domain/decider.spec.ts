import { deciderSpec, testMeta } from '@cairn/testing';
import { describe, it } from 'vitest';
import type { ReportResources, ResourceFigure } from './commands.js';
import { resourceUse } from './decider.js';
import type { ResourceUseEvent } from './state.js';

const cpu: ResourceFigure = { resource: 'cpu_core_ms', amount: 3_600_000n, gpuModel: '', label: 'measured', method: 'cgroup cpu.stat' };
const gpu: ResourceFigure = { resource: 'gpu_ms', amount: 1n, gpuModel: 'H200', label: 'estimated', method: 'wall time' };
const report = (...figures: ResourceFigure[]): ReportResources => ({ type: 'ReportResources', data: { runId: 'r', figures }, meta: testMeta() });
const reported = (...figures: ResourceFigure[]): ResourceUseEvent => ({ type: 'cairn.tracking.v1.ResourcesReported', data: { runId: 'r', figures } });

describe('resource use', () => {
  const { given } = deciderSpec(resourceUse);

  it('keeps the last total of each resource and model, and adds nothing up', () => {
    given([]).when(report(cpu, gpu)).then([reported(cpu, gpu)]);
    given([reported(cpu, gpu)]).when(report(cpu, gpu)).thenNothing();
    given([reported(cpu, gpu)]).when(report({ ...cpu, amount: 5n }, gpu)).then([reported({ ...cpu, amount: 5n })]);
    given([reported(gpu)]).when(report({ ...gpu, gpuModel: 'B200' })).then([reported({ ...gpu, gpuModel: 'B200' })]);
    given([reported(cpu)]).when(report({ ...cpu, label: 'estimated' })).then([reported({ ...cpu, label: 'estimated' })]);
  });

  it.each<[string, ResourceFigure[]]>([
    ['nothing', []], ['too many', Array.from({ length: 51 }, (_, at) => ({ ...gpu, gpuModel: String(at) }))], ['a resource of its own', [{ ...cpu, resource: 'tpu_ms' }]],
    ['less than nothing', [{ ...cpu, amount: -1n }]], ['a CPU with the model of a GPU', [{ ...cpu, gpuModel: 'H200' }]], ['a guess', [{ ...cpu, label: 'default' }]],
    ['no method', [{ ...cpu, method: '' }]], ['one twice', [cpu, cpu]],
  ])('refuses %s', (_, figures) => {
    given([]).when(report(...figures)).thenRefused('INVALID_RESOURCES');
  });
});
