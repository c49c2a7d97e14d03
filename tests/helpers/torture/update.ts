import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { provider as check } from "../../../infra/deployment-check/deployment-check-provider.ts";
import { stopDetached } from "../../../infra/targets/local/detached-process.ts";
import { provider as localProcess } from "../../../infra/targets/local/local-process-provider.ts";
import { provider as modelFolder } from "../../../infra/targets/local/model-folder-provider.ts";
import type { EnvironmentName } from "../../../registry/evidence.ts";
import { STAGES } from "../../../registry/evidence.ts";
import { MlflowClient } from "../../../registry/mlflow-client.ts";
import { getVersionByAlias } from "../../../registry/model-versions.ts";
import { provider as promotion } from "../../../registry/promotion-provider.ts";
import { provider as stage } from "../../../registry/registry-stage-provider.ts";
import { fitCandidate } from "../../../training/candidate.ts";
import { readDvcPointer } from "../../../training/dvc-pointer.ts";
import type { Policy } from "../../../training/gate/policy.ts";
import { provider as gate } from "../../../training/gate/quality-gate-provider.ts";
import { registerCandidate } from "../../../training/log-model.ts";
import { readTrainerEnvironment } from "../../../training/trainer-environment.ts";

type Values = Record<string, unknown>;
interface Provider {
  check?(olds: never, news: never): Promise<{ inputs: Values; failures?: readonly { reason: string }[] }>;
  diff(id: string, olds: never, news: never): Promise<{ changes: boolean }>;
  create(inputs: never): Promise<{ id: string; outs: object }>;
  update(id: string, olds: never, news: never): Promise<{ outs: object }>;
}
interface Stored {
  readonly id: string;
  /** Inputs as returned by the provider's check. */
  readonly inputs?: Values;
  readonly outs: Values;
  /** Whether the operation failed after it began: see the engine's init errors. */
  readonly unfinished?: boolean;
}
/** A stack's state by resource. */
export type StackState = Map<string, Stored>;

export const MODEL = "churn-model";
const DATA = "models/churn/data";
/** Compares with the version in production, as most policies do. */
const PASSING: Policy = { accuracy: { min: 0.85 }, champion: { first: "pass", accuracy: { margin: 0.1 } } };

export interface UpdateOptions {
  /** The registry as the program sees it. */
  readonly trackingUri: string;
  readonly folder: string;
  readonly port: number;
  /** Policy of the gate; by default one that every model here passes. */
  readonly policy?: Policy;
  /** Latency bound of the deployment check; by default one that every machine meets. */
  readonly maxLatencyMs?: number;
  /** Called at the start and end of each resource's operation. */
  readonly onStep?: (name: string, at: "begin" | "end") => void;
}

/**
 * A stack's resources in the program's order, with the program's providers but without an engine. A resource is created, updated if its
 * provider reports a change or left it unfinished, or kept.
 */
class Stack {
  readonly state: StackState;
  readonly #onStep: UpdateOptions["onStep"];
  constructor(state: StackState, onStep: UpdateOptions["onStep"]) {
    this.state = state;
    this.#onStep = onStep;
  }

  async resource(name: string, provider: object, given: Values): Promise<Values> {
    const { check, create, diff, update } = provider as Provider;
    const old = this.state.get(name);
    const checked = await check?.((old?.inputs ?? {}) as never, given as never);
    const { inputs, failures = [] } = checked ?? { inputs: given };
    if (failures.length > 0) throw new Error(failures.map(({ reason }) => reason).join("\n"));
    if (old && !old.unfinished && !(await diff(old.id, old.outs as never, inputs as never)).changes) return old.outs;
    this.#onStep?.(name, "begin");
    try {
      const made = old
        ? { id: old.id, ...(await update(old.id, old.outs as never, inputs as never)) }
        : await create(inputs as never);
      this.state.set(name, { ...made, inputs } as Stored);
      return made.outs as Values;
    } catch (error) {
      const { id, properties } = error as { id?: string; properties?: Values };
      if (id !== undefined && properties) this.state.set(name, { id, inputs, outs: properties, unfinished: true });
      throw error;
    } finally {
      this.#onStep?.(name, "end");
    }
  }

  /** A command runs again when its triggers changed. */
  async command(name: string, triggers: readonly unknown[], run: () => Promise<object>): Promise<Values> {
    const key = JSON.stringify(triggers);
    const old = this.state.get(name);
    if (old?.id === key) return old.outs;
    this.#onStep?.(name, "begin");
    try {
      const outs = (await run()) as Values;
      this.state.set(name, { id: key, outs });
      return outs;
    } finally {
      this.#onStep?.(name, "end");
    }
  }

  async serve(environment: EnvironmentName, approved: Values, options: UpdateOptions) {
    const { trackingUri, folder, port } = options;
    const registry = { trackingUri };
    const { approvedVersion: version, modelSha256: sha256 } = approved;
    const common = { registry, modelName: MODEL, version };
    const model = await this.resource("model", modelFolder, { ...common, sha256, folder: join(folder, "models") });
    const url = `http://127.0.0.1:${port}`;
    const service = await this.resource("service", localProcess, {
      processName: environment,
      folder: join(folder, "processes"),
      port,
      url,
      healthPath: "/ready",
      command: ["node", "--max-semi-space-size=4", "service/main.ts"],
      environment: {
        MODEL_URI: model.path,
        MODEL_NAME: MODEL,
        MODEL_VERSION: version,
        MODEL_SHA256: sha256,
        MODEL_STAGE: STAGES[environment],
        PORT: String(port),
        NODE_COMPILE_CACHE: join(folder, "compile-cache"),
      },
      startSeconds: 60,
    });
    const checked = await this.resource("check", check, {
      ...common,
      environment,
      modelSha256: sha256,
      url,
      instance: service.instance,
      // The machine's speed is not under test.
      maxLatencyMs: options.maxLatencyMs ?? 5000,
    });
    const { why } = approved;
    const marked = { ...common, version: checked.verifiedVersion, environment, why, stack: `torture/${environment}` };
    await this.resource("stage", stage, { ...marked, runId: approved.runId, promotedWith: approved.promotedWith });
    return String(checked.verifiedVersion);
  }
}

/** Updates staging: train, judge, serve, verify, mark. @returns the version that it then serves */
export async function updateStaging(state: StackState, params: object, options: UpdateOptions): Promise<string> {
  const { trackingUri, folder } = options;
  await mkdir(folder, { recursive: true });
  const stack = new Stack(state, options.onStep);
  const trained = await stack.command("trainer", [params, trackingUri], async () => {
    const settings = readTrainerEnvironment({
      MLFLOW_EXPERIMENT_NAME: MODEL,
      MODEL_NAME: MODEL,
      TRAINING_PARAMS: JSON.stringify(params),
      TRAINING_DATA: `${DATA}/train.csv`,
      EVALUATION_DATA: `${DATA}/evaluation.csv`,
    });
    return registerCandidate(
      new MlflowClient({ trackingUri }),
      await fitCandidate(settings),
      settings,
      () => undefined,
    );
  });
  const { md5: evaluationMd5 } = await readDvcPointer(`${DATA}/evaluation.csv.dvc`);
  const approved = await stack.resource("gate", gate, {
    registry: { trackingUri },
    modelName: MODEL,
    version: trained.version,
    evaluationMd5,
    evaluationData: `${DATA}/evaluation.csv`,
    policy: options.policy ?? PASSING,
  });
  return stack.serve("staging", approved, options);
}

/** Updates production: guard, serve, verify, mark. @param version `promotion.version`; by default the registry's */
export async function updateProduction(
  state: StackState,
  version: string | undefined,
  options: UpdateOptions,
): Promise<string> {
  const { trackingUri, folder } = options;
  await mkdir(folder, { recursive: true });
  const stack = new Stack(state, options.onStep);
  const wanted = version ?? (await getVersionByAlias(new MlflowClient({ trackingUri }), MODEL, "production"))?.version;
  if (wanted === undefined) throw new Error(`${MODEL} has no version in Production yet`);
  const registry = { trackingUri };
  const approved = await stack.resource("promotion", promotion, { registry, modelName: MODEL, version: wanted });
  return stack.serve("production", approved, options);
}

/** Stops the services that updates in this folder have started. */
export async function stopServices(folder: string): Promise<void> {
  for (const environment of ["staging", "production"])
    await stopDetached(join(folder, "processes", `${environment}.pid`));
}
