/** Every route of MLflow is there twice: for its clients, and for its web pages. */
export const mlflowRoutes = (path: string): string[] => [`api/2.0/${path}`, `ajax-api/2.0/${path}`];
