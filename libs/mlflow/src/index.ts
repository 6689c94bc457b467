export { Fields } from './fields.js';
export { invalidParameter, MlflowError, type MlflowCode } from './mlflow-error.js';
export { MlflowFilter } from './mlflow.filter.js';
export { mlflowRoutes } from './mlflow-routes.js';
export { limitOf, offsetOf, pageToken, placeOf } from './page-token.js';
