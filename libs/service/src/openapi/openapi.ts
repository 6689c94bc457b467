import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import type { ServiceSpec } from '../service-spec.js';
import { describeDtos } from './describe-dtos.js';

/** Serves the document at `/openapi.json`; the gateway merges those of all services. Built when first asked for: starting is quicker without. */
export function serveOpenApi(app: NestFastifyApplication, { title, describe }: Pick<ServiceSpec, 'title' | 'describe'>): void {
  let document: OpenAPIObject | undefined;
  app
    .getHttpAdapter()
    .getInstance()
    .get('/openapi.json', async () => {
      document ??= build(app, title);
      return describe === undefined ? document : describe(document, app);
    });
}

function build(app: NestFastifyApplication, title: string): OpenAPIObject {
  describeDtos();
  const config = new DocumentBuilder().setTitle(title).setVersion('1').addBearerAuth().build();
  return SwaggerModule.createDocument(app, config);
}
