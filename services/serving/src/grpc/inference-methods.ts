import { fromJson, type DescMessage, type JsonValue, type MessageShape } from '@bufbuild/protobuf';
import { inference } from '@cairn/contracts';
import { Inject, Injectable } from '@nestjs/common';
import type { DeploymentRuntime } from '../fleet/deployment-runtime.js';
import { Fleet } from '../fleet/fleet.js';
import type { ServedVersion } from '../fleet/served-version.js';
import { InferenceService } from '../inference/inference-service.js';
import { InferenceStatistics } from '../inference/inference-statistics.js';
import { isModelReady, modelConfig, modelMetadata, repositoryIndex, serverMetadata, shownVersion } from '../v2/model-facts.js';
import { refusedLoad, refusedSharedMemory } from '../v2/not-supported.js';
import { requireUnchanged } from '../v2/server-settings.js';
import { statisticsOf } from '../v2/model-statistics.js';
import type { Caller } from './caller.js';
import { decodeInfer } from './decode-infer.js';
import { encodeInfer, type InferResponse } from './encode-infer.js';
import type { Answer, Method } from './methods.js';
import { convertLogSettings, convertTraceSettings, toLogSettings, toTraceSettings } from './settings.js';

const methods = inference.GRPCInferenceService.method;

/** Registers a method under what answers it. */
type Add = <Input extends DescMessage, Output extends DescMessage>(method: Method<Input, Output>, answer: Answer<Input, Output>) => void;

interface Asked {
  readonly name: string;
  readonly version: string;
}

/** The methods of GRPCInferenceService but the stream: what HTTP answers, from the same functions. */
@Injectable()
export class InferenceMethods {
  constructor(
    @Inject(Fleet) private readonly fleet: Fleet,
    @Inject(InferenceService) private readonly inference: InferenceService,
    @Inject(InferenceStatistics) private readonly statistics: InferenceStatistics,
  ) {}

  addTo(add: Add): void {
    add(methods.serverLive, () => ({ live: true }));
    add(methods.serverReady, () => ({ ready: this.fleet.isReady }));
    add(methods.serverMetadata, () => ({ ...serverMetadata, extensions: [...serverMetadata.extensions] }));
    add(methods.modelReady, ({ name, version }, { workspace }) => {
      const runtime = this.inference.deployed(workspace, name);
      return { ready: isModelReady(runtime, version === '' ? runtime.answering : this.inference.version(runtime, version)) };
    });
    add(methods.modelMetadata, (asked, caller) => message(inference.ModelMetadataResponseSchema, modelMetadata(...this.shown(asked, caller))));
    add(methods.modelConfig, (asked, caller) => ({ config: message(inference.ModelConfigSchema, modelConfig(...this.shown(asked, caller))) }));
    add(methods.modelStatistics, (asked, caller) => message(inference.ModelStatisticsResponseSchema, { model_stats: this.statisticsOf(asked, caller) }));
    add(methods.modelInfer, (request, caller) => this.modelInfer(request, caller));
    add(methods.repositoryIndex, ({ ready }, { workspace }) => ({ models: repositoryIndex(this.fleet.all(), workspace, ready) }));
    add(methods.repositoryModelLoad, ({ modelName }) => {
      throw refusedLoad(modelName, 'load');
    });
    add(methods.repositoryModelUnload, ({ modelName }) => {
      throw refusedLoad(modelName, 'unload');
    });
    add(methods.traceSetting, ({ settings }) => ({ settings: toTraceSettings(requireUnchanged('trace', convertTraceSettings(settings))) }));
    add(methods.logSettings, ({ settings }) => ({ settings: toLogSettings(requireUnchanged('log', convertLogSettings(settings))) }));
    this.addSharedMemoryTo(add);
  }

  /** There are no regions, so none has to go. */
  private addSharedMemoryTo(add: Add): void {
    const nothing = (): object => ({});
    const refuse = (): never => {
      throw refusedSharedMemory();
    };
    add(methods.systemSharedMemoryStatus, nothing);
    add(methods.systemSharedMemoryUnregister, nothing);
    add(methods.systemSharedMemoryRegister, refuse);
    add(methods.cudaSharedMemoryStatus, nothing);
    add(methods.cudaSharedMemoryUnregister, nothing);
    add(methods.cudaSharedMemoryRegister, refuse);
  }

  async modelInfer(request: inference.ModelInferRequest, { workspace, signal }: Caller): Promise<InferResponse> {
    const decoded = decodeInfer(request);
    const version = request.modelVersion === '' ? undefined : request.modelVersion;
    return encodeInfer(decoded, await this.inference.infer(workspace, request.modelName, version, decoded, signal));
  }

  /** Without a name of all models. */
  private statisticsOf({ name, version }: Asked, { workspace }: Caller) {
    if (name === '') return this.fleet.all().flatMap((runtime) => (runtime.workspace === workspace ? statisticsOf(runtime, undefined, this.statistics) : []));
    const runtime = this.inference.deployed(workspace, name);
    return statisticsOf(runtime, version === '' ? undefined : this.inference.version(runtime, version), this.statistics);
  }

  private shown({ name, version }: Asked, { workspace }: Caller): [DeploymentRuntime, ServedVersion | undefined] {
    const runtime = this.inference.deployed(workspace, name);
    return [runtime, version === '' ? shownVersion(runtime) : this.inference.version(runtime, version)];
  }
}

/** The facts as HTTP has them: the names in JSON are those of the definitions. */
function message<Desc extends DescMessage>(schema: Desc, facts: object): MessageShape<Desc> {
  return fromJson(schema, facts as JsonValue, { ignoreUnknownFields: true });
}
