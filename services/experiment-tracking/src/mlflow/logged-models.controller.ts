import { MlflowFilter, mlflowRoutes } from '@cairn/mlflow';
import { Controller, HttpCode, Post, UseFilters } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';

/** MLflow 3 asks for logged models whenever it lists artifacts. Nothing can log one yet, so there are none. */
@ApiExcludeController()
@UseFilters(MlflowFilter)
@Controller(mlflowRoutes('mlflow/logged-models'))
export class LoggedModelsController {
  @Post('search')
  @HttpCode(200)
  search(): object {
    return {};
  }
}
