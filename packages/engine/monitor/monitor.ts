/**
 * The resource monitor: handles the program's requests.
 * @module
 */
import type {
  ReadResourceRequest,
  RegisterResourceOutputsRequest,
  RegisterResourceRequest,
  ResourceInvokeRequest,
  SupportsFeatureRequest,
} from "@pulumi/pulumi/proto/resource_pb.js";
import { needsPulumiCli, UserError } from "../failure.ts";
import type { PropertyMap } from "../properties/value.ts";
import { containsUnknowns } from "../properties/walk.ts";
import { fromWire, toWire } from "../properties/wire.ts";
import { type ReadStackOutputs, readStackReference } from "../providers/stack-reference.ts";
import type { Goal, ReadRequest } from "../resources/goal.ts";
import type { ResourceState } from "../resources/state.ts";
import { isProviderType, packageOf, parseProviderReference, providerPackageOf, typeOf } from "../resources/urn.ts";
import type { SecretMask } from "../secrets/mask.ts";
import { decodeGoal } from "./decode.ts";
import { DefaultProviders, type ProgramConfig } from "./default-providers.ts";
import { empties, FEATURES, providers, resources } from "./protocol.ts";
import type { Handlers } from "./server.ts";
import { sourcePosition, stackTrace } from "./source-position.ts";

/** The monitor's interface to the deployment. */
export interface Registrations {
  register(goal: Goal): Promise<ResourceState>;
  read(request: ReadRequest): Promise<ResourceState>;
  registerOutputs(urn: string, outputs: PropertyMap): Promise<void>;
  /** Called when the program has registered everything; resolves when all of it is done. */
  finish(): Promise<void>;
  /** Whether the resource would be created but is outside the operation, so that its outputs are unknown. */
  isSkipped(urn: string): boolean;
  lookup(urn: string): ResourceState | undefined;
}

export interface MonitorContext {
  readonly root: string;
  readonly project: string;
  readonly stack: string;
  readonly preview: boolean;
  readonly parallel: number;
  readonly config: ProgramConfig;
  readonly mask: SecretMask;
  readonly readOutputs: ReadStackOutputs;
}

export class Monitor {
  readonly #context: MonitorContext;
  readonly #deployment: Registrations;
  readonly #defaults: DefaultProviders;
  readonly #goals = new Map<string, Goal>();

  constructor(context: MonitorContext, deployment: Registrations) {
    this.#context = context;
    this.#deployment = deployment;
    this.#defaults = new DefaultProviders(context.config, (goal) => deployment.register(goal));
  }

  handlers(): Handlers {
    return {
      supportsFeature: (request: SupportsFeatureRequest) => {
        const response = new (resources().SupportsFeatureResponse)();
        response.setHassupport(Object.hasOwn(FEATURES, request.getId()));
        return response;
      },
      getDeploymentInfo: () => this.#deploymentInfo(),
      registerResource: (request: RegisterResourceRequest) => this.#register(request),
      readResource: (request: ReadResourceRequest) => this.#read(request),
      registerResourceOutputs: async (request: RegisterResourceOutputsRequest) => {
        await this.#deployment.registerOutputs(request.getUrn(), this.#receive(request.getOutputs()));
        return new (empties().Empty)();
      },
      invoke: (request: ResourceInvokeRequest) => this.#invoke(request),
      signalAndWaitForShutdown: async () => {
        await this.#deployment.finish();
        return new (empties().Empty)();
      },
    };
  }

  #receive(struct: Parameters<typeof fromWire>[0]): PropertyMap {
    const map = fromWire(struct, this.#context.root);
    this.#context.mask.addAll(map);
    return map;
  }

  #deploymentInfo() {
    const { project, stack, preview, parallel, config } = this.#context;
    const info = new (resources().DeploymentInfo)();
    info.setProject(project);
    info.setStack(stack);
    info.setOrganization("organization");
    info.setDryrun(preview);
    info.setParallel(parallel);
    for (const [key, text] of Object.entries(config.texts)) info.getConfigMap().set(key, text);
    info.setConfigsecretkeysList([...config.secretKeys]);
    const known = resources().ResourceMonitorFeature as unknown as Record<string, number>;
    info.setSupportedfeaturesList(Object.values(FEATURES).flatMap((name) => known[name] ?? []));
    return info;
  }

  /** Inherits options from the parent that the child does not set. */
  #inherit(goal: Goal): Goal {
    const parent = this.#goals.get(goal.parent);
    if (!parent) return goal;
    const fits =
      !goal.custom ||
      (parent.provider !== "" &&
        providerPackageOf(typeOf(parseProviderReference(parent.provider).urn)) === packageOf(goal.type));
    return {
      ...goal,
      deletedWith: goal.deletedWith || parent.deletedWith,
      protect: goal.protect ?? parent.protect,
      retainOnDelete: goal.retainOnDelete ?? parent.retainOnDelete,
      provider: goal.provider || (fits ? parent.provider : ""),
    };
  }

  async #register(request: RegisterResourceRequest) {
    const decoded = this.#inherit(decodeGoal(request, this.#context.root));
    this.#context.mask.addAll(decoded.properties);
    const goal = decoded.custom ? await this.#withProvider(decoded, request) : { ...decoded, provider: "" };
    const state = await this.#deployment.register(goal);
    this.#goals.set(state.urn, goal);
    // The outputs of a component are registered later, and those of the last run must not be returned.
    let outputs: PropertyMap = goal.custom ? (state.outputs ?? {}) : {};
    if (!request.getSupportspartialvalues())
      outputs = Object.fromEntries(Object.entries(outputs).filter(([, value]) => !containsUnknowns(value)));
    this.#context.mask.addAll(outputs);
    const response = new (resources().RegisterResourceResponse)();
    response.setUrn(state.urn);
    response.setId(state.id);
    response.setUnknown(this.#deployment.isSkipped(state.urn));
    response.setObject(
      toWire(outputs, { unknowns: true, secrets: request.getAcceptsecrets(), resources: request.getAcceptresources() }),
    );
    return response;
  }

  async #withProvider(goal: Goal, request: RegisterResourceRequest): Promise<Goal> {
    if (isProviderType(goal.type)) {
      const version = request.getVersion();
      return version === "" ? goal : { ...goal, properties: { ...goal.properties, version, __internal: {} } };
    }
    const pkg = packageOf(goal.type);
    const named = goal.provider || request.getProvidersMap().get(pkg) || "";
    const provider =
      named || (await this.#defaults.reference(pkg, request.getVersion(), request.getPlugindownloadurl()));
    return { ...goal, provider };
  }

  async #read(request: ReadResourceRequest) {
    const type = request.getType();
    const version = request.getVersion();
    const provider =
      request.getProvider() ||
      (await this.#defaults.reference(packageOf(type), version, request.getPlugindownloadurl()));
    const { root } = this.#context;
    const state = await this.#deployment.read({
      type,
      name: request.getName(),
      id: request.getId(),
      parent: request.getParent(),
      provider,
      properties: this.#receive(request.getProperties()),
      dependencies: request.getDependenciesList(),
      additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
      sourcePosition: sourcePosition(request.getSourceposition(), root),
      stackTrace: stackTrace(request.getStacktrace(), root),
    });
    const outputs = state.outputs ?? {};
    this.#context.mask.addAll(outputs);
    const response = new (resources().ReadResourceResponse)();
    response.setUrn(state.urn);
    response.setProperties(
      toWire(outputs, { unknowns: true, secrets: request.getAcceptsecrets(), resources: request.getAcceptresources() }),
    );
    return response;
  }

  async #invoke(request: ResourceInvokeRequest) {
    const token = request.getTok();
    const args = this.#receive(request.getArgs());
    const result = await this.#invokeBuiltin(token, args);
    this.#context.mask.addAll(result);
    const response = new (providers().InvokeResponse)();
    response.setReturn(toWire(result, { unknowns: true, secrets: true, resources: true }));
    return response;
  }

  async #invokeBuiltin(token: string, args: PropertyMap): Promise<PropertyMap> {
    if (token === "pulumi:pulumi:getResource") {
      const urn = String(args.urn);
      const state = this.#deployment.lookup(urn);
      if (!state) throw new UserError(`unknown resource ${urn}`);
      return { urn, id: state.id, provider: state.provider, state: state.outputs ?? {} };
    }
    if (token === "pulumi:pulumi:readStackOutputs")
      return readStackReference(String(args.name), this.#context.readOutputs);
    throw needsPulumiCli(`The function ${token}`);
  }
}
