import { describe, expect, it } from 'vitest';
import type { GraphEdge } from '../../graph/views/graph/graph.query.js';
import { walkUpstream } from './upstream-walk.js';

const event = { position: '1', eventId: 'e', eventType: 't', time: 'now' };

/** `a relation b`: a leads to b. */
function edgesOf(...lines: readonly string[]): (ids: readonly string[]) => Promise<GraphEdge[]> {
  const edges = lines.map((line) => {
    const [from = '', relation = '', to = ''] = line.split(' ');
    return { from, relation, to, ...event };
  });
  return async (ids) => edges.filter(({ to }) => ids.includes(to));
}

const told = async (...lines: readonly string[]): Promise<string[]> =>
  (await walkUpstream('model-version:1', edgesOf(...lines))).map(({ from, relation, to }) => `${from} ${relation} ${to}`);

describe('walkUpstream', () => {
  it('tells model, run, job, training set, data, each thing once', async () => {
    expect(
      await told(
        'dataset-version:1 derived-into dataset-version:2', 'dataset-version:2 sampled-into training-set:1', 'training-set:1 trained model-version:1',
        'training-set:1 trained run:1', 'job:1 ran run:1', 'run:1 registered-as model-version:1',
      ),
    ).toEqual([
      'model-version:1 registered-as run:1',
      'run:1 ran job:1',
      'model-version:1 trained training-set:1',
      'training-set:1 sampled-into dataset-version:2',
      'dataset-version:2 derived-into dataset-version:1',
    ]);
  });

  it('names what caused a job, and does not go on to the models before', async () => {
    expect(
      await told('run:1 registered-as model-version:1', 'job:1 ran run:1', 'incident:1 caused job:1', 'monitor:1 opened incident:1', 'model-version:0 judged-by monitor:1'),
    ).toEqual(['model-version:1 registered-as run:1', 'run:1 ran job:1', 'job:1 caused incident:1']);
  });

  it('passes over earlier versions of a definition and over what only holds things together', async () => {
    expect(await told('feature-view:a@2 joined-into model-version:1', 'feature-view:a@1 succeeded-by feature-view:a@2', 'model:1 has-version model-version:1')).toEqual([
      'model-version:1 joined-into feature-view:a@2',
    ]);
  });

  it('ends where edges lead in a circle', async () => {
    expect(await told('run:1 x model-version:1', 'job:1 x run:1', 'run:1 x job:1')).toHaveLength(2);
  });
});
