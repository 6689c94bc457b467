import { MlflowError, MlflowFilter } from '@cairn/mlflow';
import { All, Controller, Get, Header, UseFilters } from '@nestjs/common';
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
