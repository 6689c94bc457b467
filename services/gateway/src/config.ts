import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { placements, type EnvReader, type ServiceName } from '@cairn/service';
import type { Upstream } from './routing/routes.js';

export interface GatewaySettings {
  /** Base URL per service, without a slash at the end. */
  readonly upstreams: Readonly<Record<Upstream, string>>;
  /** Base URLs of whoever answers the Open Inference Protocol, who are asked in turns. */
  readonly inferenceUrls: readonly string[];
  /** Folder with the static build of MLflow's web pages; absent, none are served. */
  readonly mlflowUiDir?: string;
}

const NAMES: readonly Upstream[] = [
  'data-catalog', 'feature-store', 'experiment-tracking', 'training-scheduler', 'model-registry', 'serving', 'monitoring', 'lineage',
];

/** `CAIRN_<SERVICE>_URL`, e.g. `CAIRN_MODEL_REGISTRY_URL`; by default the service's own port on this machine. `CAIRN_MLFLOW_UI_DIR` is optional. */
export function readSettings(env: EnvReader): GatewaySettings {
  const entries = NAMES.map((name) => [name, env.url(variableOf(name), ['http:', 'https:'], `http://127.0.0.1:${placements[name].defaultPort}`).replace(/\/$/, '')]);
  const mlflowUiDir = readUiDir(env);
  const upstreams = Object.fromEntries(entries) as Record<Upstream, string>;
  return { upstreams, inferenceUrls: readInferenceUrls(env, upstreams.serving), ...(mlflowUiDir !== undefined && { mlflowUiDir }) };
}

/** `CAIRN_INFERENCE_URLS`, separated by commas: replicas of serving, or the balancer before them. */
function readInferenceUrls(env: EnvReader, fallback: string): readonly string[] {
  const urls = (env.optional('CAIRN_INFERENCE_URLS') ?? fallback).split(',').map((url) => url.trim().replace(/\/$/, ''));
  for (const url of urls) {
    if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) env.problem(`CAIRN_INFERENCE_URLS must name http or https URLs, separated by commas, but has ${url}.`);
  }
  return urls;
}

function readUiDir(env: EnvReader): string | undefined {
  const named = env.optional('CAIRN_MLFLOW_UI_DIR');
  if (named === undefined) return undefined;
  const folder = resolve(named);
  if (!existsSync(join(folder, 'index.html'))) env.problem(`CAIRN_MLFLOW_UI_DIR must name a folder with the static build of MLflow's pages, but ${folder} has no index.html.`);
  return folder;
}

export function variableOf(service: ServiceName): string {
  return `CAIRN_${service.toUpperCase().replaceAll('-', '_')}_URL`;
}
