import { join } from "node:path";
import type { EnvironmentName } from "../../../registry/evidence.ts";
import { MlflowClient } from "../../../registry/mlflow-client.ts";
import { getVersionByAlias } from "../../../registry/model-versions.ts";
import { type FaultProxy, startFaultProxy } from "../fault-proxy.ts";
import { type RunningMlflow, startMlflow } from "../mlflow-server.ts";
import { makeProject, type Project, type Ran } from "../project.ts";
import { notConverged, wrongPromotions } from "./audit.ts";
import { MODEL } from "./update.ts";

/** The real program on the real engine, with the fault proxy between it and a real MLflow server. */
export interface EngineArena {
  readonly project: Project;
  readonly proxy: FaultProxy;
  /** Bypasses the proxy. */
  readonly client: MlflowClient;
  /** Changes the config so that the next `up` of the environment changes every resource. */
  prepare(environment: EnvironmentName): Promise<void>;
  /** Returns what is wrong after a successful `up`. */
  audit(environment: EnvironmentName): Promise<string[]>;
  wrongPromotions(): Promise<string[]>;
  close(): Promise<void>;
}

export async function openEngineArena(): Promise<EngineArena> {
  let mlflow: RunningMlflow | undefined;
  let proxy: FaultProxy | undefined;
  let project: Project | undefined;
  const close = async () => {
    await project?.remove();
    await proxy?.[Symbol.asyncDispose]();
    await mlflow?.stop();
  };
  try {
    mlflow = await startMlflow();
    proxy = await startFaultProxy(mlflow.url);
    const opened = await makeProject();
    project = opened;
    const client = new MlflowClient({ trackingUri: mlflow.url });
    let trained = 0;
    const retrain = () => opened.set("staging", "training.params.C", String(1 + ++trained / 1000));
    for (const stack of ["staging", "production"] as const) {
      await opened.set(stack, "mlflow.trackingUri", proxy.url);
      await opened.set(stack, "service.maxLatencyMs", "5000");
    }
    await opened.set("staging", "gate.accuracy.min", "0.85");
    const url = (environment: EnvironmentName) => `http://127.0.0.1:${opened.ports[environment]}`;
    for (const stack of ["staging", "production", "staging"] as const) {
      if (stack === "staging") await retrain();
      mustSucceed(await opened.up(stack));
    }
    return {
      project: opened,
      proxy,
      client,
      close,
      wrongPromotions: () => wrongPromotions(client),
      prepare: async (environment) => {
        if (environment === "staging") return retrain();
        const now = (await getVersionByAlias(client, MODEL, "production"))?.version;
        const staging = (await getVersionByAlias(client, MODEL, "staging"))?.version ?? "1";
        await opened.set("production", "promotion.version", now === "1" ? staging : "1");
      },
      audit: async (environment) => {
        const { output } = await opened.pulumi("stack", "output", "version", "--stack", environment);
        const folder = join(opened.folder, "audit");
        return notConverged(client, environment, { version: output.trim(), url: url(environment), folder });
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function mustSucceed({ exitCode, output }: Ran): void {
  if (exitCode !== 0) throw new Error(`an up failed:\n${output}`);
}
