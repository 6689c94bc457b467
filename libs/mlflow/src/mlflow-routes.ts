/** Every route of MLflow is there twice: for its clients, and for its web pages. */
export const mlflowRoutes = (path: string): string[] => [`api/2.0/${path}`, `ajax-api/2.0/${path}`];

/** The same for routes of version 3. */
export const mlflowRoutesV3 = (path: string): string[] => [`api/3.0/${path}`, `ajax-api/3.0/${path}`];
