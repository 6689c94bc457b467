import { MlflowError, MlflowFilter } from '@cairn/mlflow';
import { All, Controller, Get, Header, HttpCode, Post, UseFilters } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';

/** The newest MLflow server whose features are here. From 3.4 on clients send the spans of traces over OTLP. */
const MLFLOW_VERSION = '3.4.0';

@ApiExcludeController()
@Controller()
export class ServerController {
  @Get('health')
  @Header('content-type', 'text/plain; charset=utf-8')
  health(): string {
    return 'OK';
  }

  /** What clients ask before they use what not every server has. */
  @Get(['api/3.0/mlflow/server-info', 'ajax-api/3.0/mlflow/server-info'])
  info(): object {
    return { store_type: 'SqlStore', workspaces_enabled: true, trace_archival_enabled: false, multipart_uploads_enabled: true, multipart_downloads_enabled: false };
  }

  /** Whether MLflow's web pages report how they are used, which they would do to somebody else. */
  @Get('ajax-api/3.0/mlflow/ui-telemetry')
  uiTelemetry(): object {
    return { disable_ui_telemetry: true, disable_ui_events: [], ui_rollout_percentage: 0 };
  }

  /** What the web pages look for on every visit, and what is not here: no endpoint of language models, no judge, no dataset of evaluations. */
  @Get('ajax-api/2.0/mlflow/gateway-proxy')
  llmEndpoints(): object {
    return { endpoints: [] };
  }

  @Get('ajax-api/3.0/mlflow/scorers/list')
  scorers(): object {
    return {};
  }

  @Post('ajax-api/3.0/mlflow/datasets/search')
  @HttpCode(200)
  evaluationDatasets(): object {
    return {};
  }

  @Get('version')
  @Header('content-type', 'text/plain; charset=utf-8')
  version(): string {
    return MLFLOW_VERSION;
  }
}

/** What MLflow has and Cairn has not, in the shape that its client can read. Comes last among the routes. */
@ApiExcludeController()
@UseFilters(MlflowFilter)
@Controller()
export class UnknownRouteController {
  @All(['api/2.0/mlflow/*', 'ajax-api/2.0/mlflow/*', 'api/3.0/mlflow/*', 'ajax-api/3.0/mlflow/*'])
  unknown(): never {
    throw new MlflowError('ENDPOINT_NOT_FOUND', 'This endpoint of MLflow is not supported.');
  }
}
