import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EnvironmentName } from "../../../registry/evidence.ts";
import { MlflowClient } from "../../../registry/mlflow-client.ts";
import { startFaultProxy } from "../fault-proxy.ts";
import { freePort } from "../free-port.ts";
import { startMlflow } from "../mlflow-server.ts";
import { notConverged, recordedTwice, wrongPromotions } from "./audit.ts";
import { type StackState, stopServices, type UpdateOptions, updateProduction, updateStaging } from "./update.ts";
import { type Watcher, watch } from "./watcher.ts";

export type Arena = Awaited<ReturnType<typeof openArena>>;

/**
 * A real MLflow server behind the fault proxy, with staging and production running under constant load, and their next updates.
 */
export async function openArena() {
  const mlflow = await startMlflow();
  const proxy = await startFaultProxy(mlflow.url);
  const folder = await mkdtemp(join(tmpdir(), "torture-"));
  const ports = { staging: await freePort(), production: await freePort() };
  const url = (environment: EnvironmentName) => `http://127.0.0.1:${ports[environment]}`;
  // Bypasses the proxy, so that faults do not hit the observer.
  const client = new MlflowClient({ trackingUri: mlflow.url });
  const states: Record<EnvironmentName, StackState> = { staging: new Map(), production: new Map() };
  const watchers: Partial<Record<EnvironmentName, Watcher>> = {};
  let trained = 0;
  let params: object = {};
  const served = { staging: "", production: "" };

  const options = (environment: EnvironmentName) => ({
    trackingUri: proxy.url,
    folder,
    port: ports[environment],
    onStep: (name: string, at: "begin" | "end") => {
      const watcher = watchers[environment];
      if (name === "service" && watcher) watcher.exchanging = at === "begin";
    },
  });

  /** Returns the next update of an environment, to be run until it succeeds. */
  function nextUpdate(environment: EnvironmentName): () => Promise<string> {
    if (environment === "staging") {
      params = { C: 1 + ++trained / 1000 };
      return () => updateStaging(states.staging, params, options("staging"));
    }
    // Production alternates between staging's version and the first one, which staging has also verified.
    const version = served.production === "1" ? served.staging : "1";
    return () => updateProduction(states.production, version, options("production"));
  }

  /** Updates staging with the last training parameters, under another policy or bound. */
  const again = (changes: Partial<UpdateOptions> = {}) =>
    updateStaging(states.staging, params, { ...options("staging"), ...changes });
  /** Updates production to a version. */
  const promote = async (version: string) => {
    served.production = await updateProduction(states.production, version, options("production"));
  };

  /** Runs an update that must succeed. */
  async function update(environment: EnvironmentName): Promise<void> {
    served[environment] = await nextUpdate(environment)();
  }

  const close = async () => {
    for (const watcher of Object.values(watchers)) await watcher.stop();
    await stopServices(folder);
    await proxy[Symbol.asyncDispose]();
    await mlflow.stop();
    await rm(folder, { recursive: true, force: true });
  };

  try {
    await update("staging");
    served.production = await updateProduction(states.production, "1", options("production"));
    await update("staging");
    for (const environment of ["staging", "production"] as const) watchers[environment] = watch(url(environment));
  } catch (error) {
    await close();
    throw error;
  }

  return {
    proxy,
    client,
    states,
    served,
    nextUpdate,
    update,
    again,
    promote,
    close,
    wrongPromotions: () => wrongPromotions(client),
    notConverged: async (environment: EnvironmentName) => [
      ...(await notConverged(client, environment, {
        version: served[environment],
        url: url(environment),
        folder: join(folder, "audit"),
      })),
      ...(await recordedTwice(client)),
    ],
    /** Returns the requests that a running service has not answered since the last call. */
    unanswered: () =>
      Object.entries(watchers).flatMap(([environment, { failures }]) =>
        (failures as string[]).splice(0).map((failure) => `${environment} did not answer: ${failure}`),
      ),
    asked: () => Object.values(watchers).reduce((sum, { asked }) => sum + asked, 0),
  };
}
