import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { MlflowClient } from "../../registry/mlflow-client.ts";
import { getVersionByAlias } from "../../registry/model-versions.ts";
import { HealthAnswer } from "../../service/contract.ts";
import type { Project } from "./project.ts";

const checkpoint = (project: Project) => join(project.folder, "state/.pulumi/stacks/model-promotion/staging.json");

/** Waits until the engine's checkpoint has a pending operation on this resource. */
async function untilPending(project: Project, resource: string, ended: Promise<unknown>): Promise<void> {
  let over = false;
  ended.finally(() => {
    over = true;
  });
  while (!over) {
    const text = await readFile(checkpoint(project), "utf8").catch(() => "");
    // The checkpoint must be readable at any moment.
    const state = text ? JSON.parse(text) : {};
    const pending: { resource: { urn: string } }[] = state.checkpoint?.latest?.pending_operations ?? [];
    if (pending.some(({ resource: { urn } }) => urn.endsWith(`::${resource}`))) return;
    await sleep(5);
  }
  throw new Error(`the update ended before ${resource} was worked on`);
}

/** Kills the engine during an operation on a resource of staging. The next update must finish it, and the one after must change nothing. */
export async function convergesAfterKill(project: Project, resource: string): Promise<void> {
  // Each round trains again, so that every resource changes.
  await project.set("staging", "training.params.C", String(1 + Math.random()));
  const child = project.start("up", "--yes", "--skip-preview", "--non-interactive", "--stack", "staging");
  const ended = new Promise((done) => child.once("close", done));
  child.stdout.resume();
  child.stderr.resume();
  await untilPending(project, resource, ended);
  child.kill("SIGKILL");
  await ended;

  await project.pulumi("cancel", "--yes", "--stack", "staging");
  const { exitCode, output } = await project.up("staging");
  expect(exitCode, output).toBe(0);
  const { version } = HealthAnswer.parse(
    await (await fetch(`http://127.0.0.1:${project.ports.staging}/health`)).json(),
  );
  const client = new MlflowClient({ trackingUri: project.trackingUri });
  expect((await getVersionByAlias(client, "churn-model", "staging"))?.version).toBe(version);
  const again = await project.up("staging", "--expect-no-changes");
  expect(again.exitCode, again.output).toBe(0);
}
