import { Module, type DynamicModule } from '@nestjs/common';
import { rebuildController } from '../admin/rebuild.controller.js';
import { HealthController } from '../http/health.controller.js';
import { MetricsController } from '../http/metrics.controller.js';
import { placements, type ServiceSpec } from '../service-spec.js';
import { InfrastructureModule } from './infrastructure.module.js';
import type { Parts } from './parts.js';

@Module({})
class RootModule {}

export function rootModule(spec: ServiceSpec, parts: Parts): DynamicModule {
  const admin = parts.stateful === undefined ? [] : [rebuildController(placements[spec.name].prefix)];
  return {
    module: RootModule,
    imports: [InfrastructureModule.of(parts), spec.module],
    controllers: [HealthController, MetricsController, ...admin],
  };
}
