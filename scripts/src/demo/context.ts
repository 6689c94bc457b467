import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Api } from './api.js';
import type { DemoConsole } from './console.js';

export const scriptsFolder = resolve(import.meta.dirname, '../..');

/** Names that several steps speak of. */
export const DATASET = 'flights';
export const MODEL = 'flight-delay';
export const EXPERIMENT = 'flight-delay';
export const DEPLOYMENT = 'flight-delay';
export const MONITOR = 'flight-delay';
export const CHAMPION = 'champion';

export interface FlightFeatures {
  readonly dataset_name: string;
  readonly prediction_time: string;
  readonly label: string;
  readonly label_known_time: string;
  readonly feature_views: readonly Record<string, unknown>[];
  readonly feature_service: { readonly name: string; readonly features: readonly { readonly column: string }[] };
  readonly leaky_feature: Record<string, unknown>;
  readonly training_set: { readonly from: string; readonly to: string; readonly sample_every: number };
}

export function readFlightFeatures(): FlightFeatures {
  return JSON.parse(readFileSync(join(scriptsFolder, 'data/flights-features.json'), 'utf8')) as FlightFeatures;
}

/** Who takes part: `ana` builds, `ben` approves. */
export interface Demo {
  readonly ana: Api;
  readonly ben: Api;
  readonly out: DemoConsole;
  readonly features: FlightFeatures;
  /** Every n-th flight of April to June goes through the endpoint. */
  readonly replayEvery: number;
}
