import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readHistory } from "../../registry/history.ts";
import { MlflowClient } from "../../registry/mlflow-client.ts";
import { type RunningMlflow, startMlflow } from "../helpers/mlflow-server.ts";
import { crashingImage, LAST_WORDS } from "./helpers/cluster-images.ts";
import { type ClusterProject, makeClusterProject } from "./helpers/cluster-project.ts";
import { figures } from "./helpers/figures.ts";
import { apply, kubectl, newPods, restartApi } from "./helpers/kubectl.ts";
import { missingForCluster, registry, restartCommand } from "./helpers/missing.ts";

const missing = missingForCluster();
const TIMEOUT_SECONDS = 30;
const DEFAULT_SECONDS = 180;
/** Additional time that an error may take after the pods' timeout. */
const MORE_SECONDS = 15;

describe.skipIf(missing.length > 0)(
  `rollouts that cannot succeed, in a cluster (requires ${missing.join(", ") || "nothing more"})`,
  () => {
    const { all, timed } = figures();
    let mlflow: RunningMlflow;
    let project: ClusterProject;
    const namespace = () => project.namespace("staging");
    /** @param command of kubectl, such as `set image` */
    const deployment = (environment: "staging" | "production", command: string, ...args: string[]) => {
      const name = `deployment/${project.model}-${environment}`;
      return kubectl(["--namespace", project.namespace(environment), ...command.split(" "), name, ...args]);
    };
    /** Returns the live Deployment's containers. */
    const containers = (environment: "staging" | "production") =>
      deployment(environment, "get", "--output", "jsonpath={.spec.template.spec.containers}");
    const succeeds = async (environment: "staging" | "production") => {
      const { exitCode, output } = await timed(`up ${environment}`, () => project.up(environment));
      expect(exitCode, output).toBe(0);
    };

    beforeAll(async () => {
      mlflow = await startMlflow();
      project = await makeClusterProject({ trackingUri: mlflow.url });
      await succeeds("staging");
      await project.set("production", "promotion.version", "1");
      await succeeds("production");
    }, 900_000);
    afterAll(async () => {
      await project?.[Symbol.asyncDispose]();
      await mlflow?.stop();
    }, 600_000);

    /** Runs an update whose pods do not start. It must report the reason in time, and not affect stages and callers. */
    async function failing(
      what: string,
      seconds = TIMEOUT_SECONDS,
      environment: "staging" | "production" = "staging",
    ): Promise<string> {
      await project.set(
        environment,
        "kubernetes.rolloutTimeoutSeconds",
        seconds === DEFAULT_SECONDS ? undefined : seconds,
      );
      const [before, former] = [await project.stages(), await containers(environment)];
      const { exitCode, output } = await timed(what, () => project.up(environment));
      if ((await project.stages()) !== before) all.stagesMovedWrongly++;
      expect(exitCode, output).not.toBe(0);
      // The CLI's own timer of the waiting resource.
      const [, took] =
        new RegExp(`Rollout ${environment}-rollout \\w+ \\((\\d+)s\\)[^\\n]*; error:`).exec(output) ?? [];
      expect(took, output).toBeDefined();
      all.slowestFailureSeconds = Math.max(all.slowestFailureSeconds, Number(took));
      expect(Number(took)).toBeLessThanOrEqual(seconds + MORE_SECONDS);
      expect(await project.served(environment)).toBe("1");
      expect(output).toMatch(/Deployment \S+ is back on its previous pods/);
      expect(await containers(environment)).toBe(former);
      return output;
    }

    test("an image that cannot be pulled", async () => {
      await project.set(
        "staging",
        "kubernetes.image",
        `${registry}/model-promotion-test/none@sha256:${"0".repeat(64)}`,
      );
      expect(await failing("an image that cannot be pulled")).toMatch(/ErrImagePull|ImagePullBackOff/);
    });

    test("a program that exits: its exit code and last log lines", async () => {
      await project.set("staging", "kubernetes.image", await crashingImage());
      // Another ConfigMap; reverting it needs one like the first.
      await project.set("staging", "kubernetes.service.environment", { RELEASE: "b" });
      const output = await failing("a program that ends");
      expect(output).toContain("exit code 3");
      expect(output).toContain(LAST_WORDS);
    });

    test("its changes are reverted, and its objects are gone", async () => {
      await project.set("staging", "kubernetes.image", undefined);
      await project.set("staging", "kubernetes.service.environment", undefined);
      const configMaps = async () =>
        (await kubectl(["--namespace", namespace(), "get", "configmaps", "--output", "name"]))
          .split("\n")
          .filter((name) => name.includes(project.model));
      expect((await configMaps()).length).toBeGreaterThan(1);
      await succeeds("staging");
      expect(await configMaps()).toHaveLength(1);
      expect(await project.served("staging")).toBe("1");
    });

    test("a Deployment that was scaled to 0 manually: the preview shows it, the update scales it up", async () => {
      await deployment("staging", "scale", "--replicas", "0");
      expect(await project.found("staging")).toMatch(/^it is scaled to 0 pods, and nothing serves/);
      await succeeds("staging");
      expect(await deployment("staging", "get", "--output", "jsonpath={.status.availableReplicas}")).toBe("2");
      expect(await project.served("staging")).toBe("1");
    });

    test("an image and a variable that were set manually: the preview shows them, the update reverts them", async () => {
      const former = await containers("staging");
      await deployment("staging", "set image", `service=${await crashingImage()}`);
      expect(await project.found("staging")).toMatch(
        /^its pods differ from the program: spec\.containers\[service\]\.image is /,
      );
      await deployment("staging", "rollout undo");
      await deployment("staging", "set env", "MODEL_VERSION=9");
      expect(await project.found("staging")).toMatch(
        /^its pods differ from the program: spec\.containers\[service\]\.env/,
      );
      await succeeds("staging");
      expect(await containers("staging")).toBe(former);
      expect(await project.served("staging")).toBe("1");
    });

    test("more CPU than any node has, within the default time", async () => {
      await project.set("staging", "kubernetes.service.cpu", "1000");
      await project.set("staging", "kubernetes.service.cpuLimit", "1000");
      expect(await failing("more than any node has", DEFAULT_SECONDS)).toContain("Insufficient cpu");
      await project.set("staging", "kubernetes.service.cpu", "100m");
      await project.set("staging", "kubernetes.service.cpuLimit", undefined);
    });

    test("a quota that is too small", async () => {
      const quota = { apiVersion: "v1", kind: "ResourceQuota", metadata: { name: "small", namespace: namespace() } };
      await apply({ ...quota, spec: { hard: { pods: "2" } } });
      await project.set("staging", "training.params.C", 0.5);
      expect(await failing("a quota that is too small")).toContain("exceeded quota: small");
      await kubectl(["--namespace", namespace(), "delete", "resourcequota", "small"]);
      // The cluster retries with increasing delays.
      await project.set("staging", "kubernetes.rolloutTimeoutSeconds", undefined);
    });

    test("then the update succeeds", async () => {
      await succeeds("staging");
      expect(await project.served("staging")).toBe("2");
    });

    test.skipIf(!restartCommand)(
      "an API server that restarts in the middle of a rollout (requires a command in CLUSTER_API_RESTART)",
      async () => {
        await project.set("staging", "training.params.C", 0.4);
        const updated = timed("up staging, API server restarted", () => project.up("staging"));
        await newPods(namespace());
        await restartApi();
        const { exitCode, output } = await updated;
        expect(exitCode, output).toBe(0);
        expect(await project.served("staging")).toBe("3");
      },
    );

    test("production: a rollout that fails goes into the history", async () => {
      await project.set("production", "promotion.version", "2");
      await project.set("production", "kubernetes.service.cpu", "1000");
      await project.set("production", "kubernetes.service.cpuLimit", "1000");
      const output = await failing("production, more than any node has", TIMEOUT_SECONDS, "production");
      expect(output).toContain("the registry's Production is version 1.");
      const history = await readHistory(new MlflowClient({ trackingUri: mlflow.url }), project.model);
      expect(history.at(-1)).toMatchObject({ kind: "failure", to: "2" });
      await project.set("production", "kubernetes.service.cpu", "100m");
      await project.set("production", "kubernetes.service.cpuLimit", undefined);
    });

    test("production: after a failed deployment check, a rollback goes back to the registry's version", async () => {
      // No service responds that fast.
      await project.set("production", "service.maxLatencyMs", 0.001);
      const { exitCode, output } = await timed("up production, check fails", () => project.up("production"));
      expect(exitCode, output).not.toBe(0);
      expect(await project.served("production")).toBe("2");
      expect(await project.stages()).toMatch(/Production 1$/);
      await project.set("production", "service.maxLatencyMs", 1000);
      const ran = await timed("rollback", project.rollback);
      expect(ran.exitCode, ran.output).toBe(0);
      expect(await project.served("production")).toBe("1");
      expect(await project.stages()).toMatch(/Production 1$/);
    });

    test("two models side by side, each with its own names", async () => {
      const other = await makeClusterProject({ trackingUri: mlflow.url });
      await using _ = other;
      const { exitCode, output } = await timed("up of another model", () => other.up("staging"));
      expect(exitCode, output).toBe(0);
      expect(await other.stages()).toBe("Staging 1, Production none");
      const unchanged = await project.up("staging", "--expect-no-changes", "--skip-preview");
      expect(unchanged.exitCode, unchanged.output).toBe(0);
    });
  },
);
