import { MlflowError, MlflowFilter, mlflowRoutes } from '@cairn/mlflow';
import { All, Controller, UseFilters } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';

/** What MLflow's registry has and Cairn has not, in the shape that its client can read. Comes last among the routes. */
@ApiExcludeController()
@UseFilters(MlflowFilter)
@Controller()
export class UnknownRouteController {
  @All([...mlflowRoutes('mlflow/registered-models/*'), ...mlflowRoutes('mlflow/model-versions/*')])
  unknown(): never {
    throw new MlflowError('ENDPOINT_NOT_FOUND', 'This endpoint of MLflow is not supported.');
  }
}
