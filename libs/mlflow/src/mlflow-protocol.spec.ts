import { describe, expect, it } from 'vitest';
import { mlflowProtocol } from './mlflow-protocol.js';

describe('mlflowProtocol', () => {
  it.each([
    '/api/2.0/mlflow/runs/create', '/api/3.0/mlflow/traces', '/ajax-api/2.0/mlflow/runs/search', '/ajax-api/3.0/mlflow', '/api/2.0/mlflow-artifacts/artifacts/1/r/artifacts/a',
    '/get-artifact', '/model-versions/get-artifact', '/graphql',
  ])('covers %s', (path) => expect(mlflowProtocol.covers(path)).toBe(true));

  it.each(['/tracking/v1/runs/r', '/registry/v1/models', '/v1/traces', '/health', '/api/2.0/mlflowers', '/get-artifacts', '/x/api/2.0/mlflow/runs/create', '/'])(
    'leaves %s alone', (path) => expect(mlflowProtocol.covers(path)).toBe(false),
  );
});
