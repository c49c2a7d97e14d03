/** Manual changes and killed updates: the next preview or update names them, and reverts or refuses them. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readHistory } from "../../registry/history.ts";
import { MlflowClient } from "../../registry/mlflow-client.ts";
import { type RunningMlflow, startMlflow } from "../helpers/mlflow-server.ts";
import { type ClusterProject, makeClusterProject } from "./helpers/cluster-project.ts";
import { figures } from "./helpers/figures.ts";
import { killedUp } from "./helpers/killed-up.ts";
import { apply, kubectl, newPods } from "./helpers/kubectl.ts";
import { missingForCluster } from "./helpers/missing.ts";

const missing = missingForCluster();
const needs = `(requires ${missing.join(", ") || "nothing more"})`;
const CANARY = { percent: 25, seconds: 20, intervalSeconds: 2, minRequests: 10, predictionMargin: 0.3 };

interface ConfigMap {
  readonly metadata: { readonly name: string; readonly namespace: string; readonly labels: object };
  readonly data: Readonly<Record<string, string>>;
}

/** Runs kubectl until it prints the expected output. */
async function until(wanted: (answer: string) => boolean, ...args: string[]): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    if (wanted(await kubectl(args).catch(() => ""))) return;
    await sleep(500);
  }
  throw new Error(`kubectl ${args.join(" ")} did not print the expected output within 300 s`);
}

describe.skipIf(missing.length > 0)(`a service with manual changes ${needs}`, () => {
  const { timed } = figures();
  let mlflow: RunningMlflow;
  let project: ClusterProject;
  const name = () => `deployment/${project.model}-production`;
  const inProduction = (...args: string[]) => kubectl(["--namespace", project.namespace("production"), ...args]);
  const succeeds = async (environment: "staging" | "production") => {
    const { exitCode, output } = await timed(`up ${environment}`, () => project.up(environment));
    expect(exitCode, output).toBe(0);
    return output;
  };
  const fails = async (what: string) => {
    const { exitCode, output } = await timed(what, () => project.up("production"));
    expect(exitCode, output).not.toBe(0);
    return output;
  };
  const lastEvent = async () =>
    (await readHistory(new MlflowClient({ trackingUri: mlflow.url }), project.model)).at(-1);

  beforeAll(async () => {
    mlflow = await startMlflow();
    project = await makeClusterProject({ trackingUri: mlflow.url });
    await succeeds("staging");
    await project.set("production", "promotion.version", "1");
  }, 900_000);
  afterAll(async () => {
    await project?.[Symbol.asyncDispose]();
    await mlflow?.stop();
  }, 600_000);

  test("a first update that is killed at its Service: the next one completes it", async () => {
    const service = ["--namespace", project.namespace("production"), "get", "service", "--output", "name"];
    await killedUp(project, "production", () => until((names) => names.includes(project.model), ...service));
    await succeeds("production");
    expect(await project.served("production")).toBe("1");
    await project.set("staging", "training.params.C", 0.5);
    await succeeds("staging");
    await project.set("production", "promotion.version", "2");
  });

  test("an update that is killed while callers move: the history says so, and a rollback brings them back", async () => {
    await killedUp(project, "production", async () => {
      await newPods(project.namespace("production"));
      await until(
        (updated) => updated === "2",
        ...["--namespace", project.namespace("production"), "get", name()],
        ...["--output", "jsonpath={.status.updatedReplicas}"],
      );
    });
    expect(await lastEvent()).toMatchObject({ kind: "attempt", from: "1", to: "2" });
    const ran = await timed("rollback", project.rollback);
    expect(ran.exitCode, ran.output).toBe(0);
    expect(await project.served("production")).toBe("1");
    expect(await project.stages()).toMatch(/Production 1$/);
    expect(await lastEvent()).toMatchObject({ kind: "return", from: "2", to: "1" });
  });

  test("a Deployment that is scaled to 0 during its rollout: the update fails, and the former pods serve", async () => {
    await project.set("production", "promotion.version", "2");
    const updated = fails("up production, scaled to 0");
    await newPods(project.namespace("production"));
    await inProduction("scale", name(), "--replicas", "0");
    const output = await updated;
    expect(output).toContain("was changed by someone else during its rollout: it is scaled to 0 pods");
    expect(output).toMatch(/Deployment \S+ is back on its previous pods/);
    await inProduction("rollout", "status", name(), "--timeout=120s");
    // The forwarded port lost its pods as well, and reconnects.
    const served = () => project.served("production").catch(String);
    await expect.poll(served, { timeout: 30_000, interval: 500 }).toBe("1");
    expect(await lastEvent()).toMatchObject({ kind: "failure", to: "2" });
  });

  test("a rollout that is undone manually: the update fails, and keeps the chosen pods", async () => {
    const updated = fails("up production, undone");
    await newPods(project.namespace("production"));
    await inProduction("rollout", "undo", name());
    const output = await updated;
    expect(output).toContain("was changed by someone else during its rollout: its pods are not as the program has");
    expect(output).toContain("was changed by someone else and is left unchanged");
    await inProduction("rollout", "status", name(), "--timeout=120s");
    expect(await project.served("production")).toBe("1");
    await project.set("production", "promotion.version", "1");
    await succeeds("production");
  });

  test("a relabelled pod that the Service still selects: named, and updates fail until it is gone", async () => {
    const pods = await inProduction("get", "pods", "--selector", "track=stable", "--output", "name");
    const pod = pods.split("\n")[0]?.replace("pod/", "") ?? "";
    await inProduction("label", "pod", pod, "track=debug", "--overwrite");
    expect(await project.found("production")).toContain(`pod ${pod} (track debug`);
    const output = await fails("up production, a relabelled pod");
    const [, remove] = /Delete what is not needed: kubectl --namespace \S+ (delete pod \S+)\./.exec(output) ?? [];
    expect(remove, output).toBe(`delete pod ${pod}`);
    await inProduction(...(remove ?? "").split(" "));
    await succeeds("production");
  });

  test("an added variable: the preview shows it, the update removes it", async () => {
    await inProduction("set", "env", name(), "API_TOKEN=");
    expect(await project.found("production")).toContain("spec.containers[service].env has");
    await succeeds("production");
    expect(
      await inProduction("get", name(), "--output", "jsonpath={.spec.template.spec.containers[0].env}"),
    ).not.toContain("API_TOKEN");
  });

  test("a changed selector of the Service: the preview shows it, the update restores it", async () => {
    const selector = { "app.kubernetes.io/instance": "other" };
    await inProduction(
      "patch",
      "service",
      `${project.model}-production`,
      "--patch",
      JSON.stringify({ spec: { selector } }),
    );
    expect(await project.found("production")).toMatch(/^Service \S+ selects the pods /);
    await succeeds("production");
    expect(await project.served("production")).toBe("1");
  });

  test("a ConfigMap that was replaced manually: a refresh restores it, and no pod is lost", async () => {
    const all = JSON.parse(await inProduction("get", "configmaps", "--output", "json")) as { items: ConfigMap[] };
    const found = all.items.find(({ metadata }) => metadata.name.startsWith(project.model));
    if (!found) throw new Error("no ConfigMap of the service");
    const { name: map, namespace, labels } = found.metadata;
    await inProduction("delete", "configmap", map);
    await apply({ ...found, metadata: { name: map, namespace, labels }, data: { ...found.data, HOST: "127.0.0.1" } });
    const uid = () => inProduction("get", name(), "--output", "jsonpath={.metadata.uid}");
    const before = await uid();
    const { exitCode, output } = await timed("up production --refresh", () => project.up("production", "--refresh"));
    expect(exitCode, output).toBe(0);
    expect(await uid()).toBe(before);
    expect(await inProduction("get", "configmap", map, "--output", "jsonpath={.data.HOST}")).toBe(found.data.HOST);
  });

  test("a canary that was scaled up manually is scaled to 0", async () => {
    await project.set("production", "canary", CANARY);
    await succeeds("production");
    await inProduction("scale", `${name()}-canary`, "--replicas", "1");
    expect(await project.found("production")).toBe("the canary has 1 pods although no trial is running");
    await succeeds("production");
    expect(await inProduction("get", `${name()}-canary`, "--output", "jsonpath={.spec.replicas}")).toBe("0");
    await project.set("production", "canary", undefined);
    await succeeds("production");
  });

  test("a deleted namespace: the update names it, and recreates it with --refresh", async () => {
    await kubectl(["delete", "namespace", project.namespace("production"), "--timeout=180s"]);
    const output = await fails("up production, no namespace");
    expect(output).toContain("To recreate it: pulumi up --refresh");
    const again = await timed("up production --refresh", () => project.up("production", "--refresh"));
    expect(again.exitCode, again.output).toBe(0);
    expect(await project.served("production")).toBe("1");
  });
});

describe.skipIf(missing.length > 0)(`the stack's own MLflow server with manual changes ${needs}`, () => {
  const { timed } = figures();
  let project: ClusterProject;
  const inStaging = (...args: string[]) => kubectl(["--namespace", project.namespace("staging"), ...args]);
  const up = async (...args: string[]) => timed(`up staging ${args.join(" ")}`, () => project.up("staging", ...args));

  beforeAll(async () => {
    project = await makeClusterProject({});
    const { exitCode, output } = await up();
    expect(exitCode, output).toBe(0);
  }, 900_000);
  afterAll(async () => {
    await project?.[Symbol.asyncDispose]();
  }, 600_000);

  test("a second server on one SQLite file is detected and scaled back", async () => {
    await inStaging("scale", "deployment/mlflow", "--replicas", "2");
    expect(await project.found("staging")).toBe("it is scaled to 2 pods; the program wants 1");
    const { exitCode, output } = await up();
    expect(exitCode, output).toBe(0);
    expect(await inStaging("get", "deployment/mlflow", "--output", "jsonpath={.spec.replicas}")).toBe("1");
  });

  test("a deleted server: the update names the command that recreates it with its data", async () => {
    await inStaging("delete", "deployment/mlflow");
    const first = await up();
    expect(first.exitCode, first.output).not.toBe(0);
    expect(first.output).toContain("pulumi up --refresh");
    const { exitCode, output } = await up("--refresh");
    expect(exitCode, output).toBe(0);
    expect(await project.stages()).toBe("Staging 1, Production none");
  });

  test("after a destroy, an update without the two keys names them", async () => {
    await project.must("destroy", "--yes", "--skip-preview", "--non-interactive", "--stack", "staging");
    const { exitCode, output } = await up();
    expect(exitCode, output).not.toBe(0);
    const [, keys = ""] = /To reuse it: (.*?)\. To begin without it/.exec(output) ?? [];
    expect(keys, output).toMatch(/existingNamespace .* && .*existingClaim mlflow$/);
    for (const command of keys.split(" && "))
      await project.must(...command.replace("pulumi ", "").split(" "), "--stack", "staging");
    const again = await up();
    expect(again.exitCode, again.output).toBe(0);
    expect(await project.stages()).toMatch(/^Staging \d/);
  });
});
