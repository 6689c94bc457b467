import type { ForeignProtocol } from '@cairn/service';
import { MlflowFilter } from './mlflow.filter.js';

/** Where MLflow's clients and web pages ask: its REST API in both versions, the artifact proxy, and what its pages read beside them. */
const PATHS = /^\/(?:(?:ajax-)?api\/[23]\.0\/mlflow(?:-artifacts)?|(?:model-versions\/)?get-artifact|graphql)(?:\/|$)/;

/** For `ServiceSpec.protocols`: refusals of MLflow's paths are in MLflow's shape, whoever refuses. */
export const mlflowProtocol: ForeignProtocol = { covers: (path) => PATHS.test(path), filter: MlflowFilter };
