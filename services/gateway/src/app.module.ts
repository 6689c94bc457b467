import { LOGGER, SERVICE_SETTINGS, type Logger, type ServiceSpec } from '@cairn/service';
import { Module } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { readSettings, type GatewaySettings } from './config.js';
import { serveMlflowUi } from './mlflow-ui/serve-ui.js';
import { mergeDocuments, type ApiDocument } from './routing/merge-documents.js';
import { proxyToServices } from './routing/proxy.js';
import { answerRefusals } from './routing/refusals.js';
import { ServicesController } from './routing/services.controller.js';

@Module({ controllers: [ServicesController] })
class GatewayModule {}

export const service: ServiceSpec = {
  name: 'gateway',
  title: 'Cairn',
  module: GatewayModule,
  settings: readSettings,
  configure: async (app) => {
    const settings = app.get<GatewaySettings>(SERVICE_SETTINGS);
    await app.getHttpAdapter().getInstance().register(async (scope) => {
      answerRefusals(scope, app.get<Logger>(LOGGER));
      await serveMlflowUi(scope, settings);
      await proxyToServices(scope, settings);
    });
  },
  describe: describeAll,
};

const DOCUMENT_TIMEOUT_MS = 5_000;

/** A service that does not answer is missing from the document until it does. */
async function describeAll(own: object, app: NestFastifyApplication): Promise<ApiDocument> {
  const { upstreams } = app.get<GatewaySettings>(SERVICE_SETTINGS);
  const answers = await Promise.allSettled(
    Object.entries(upstreams).map(async ([name, url]) => {
      const response = await fetch(`${url}/openapi.json`, { signal: AbortSignal.timeout(DOCUMENT_TIMEOUT_MS) });
      if (!response.ok) throw new TypeError(`${name} answered ${response.status}`);
      return [name, (await response.json()) as ApiDocument] as const;
    }),
  );
  return mergeDocuments(own as ApiDocument, new Map(answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []))));
}
