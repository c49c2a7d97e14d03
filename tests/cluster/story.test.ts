import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { secondsToServed } from "../helpers/project-command.ts";
import { callersImage } from "./helpers/cluster-images.ts";
import { type ClusterProject, makeClusterProject } from "./helpers/cluster-project.ts";
import { drainNode } from "./helpers/drain-node.ts";
import { figures } from "./helpers/figures.ts";
import { kubectl, newPods, restartApi } from "./helpers/kubectl.ts";
import { missingForCluster, restartCommand, servesMetrics } from "./helpers/missing.ts";
import { type PodCallers, startCallers } from "./helpers/pod-callers.ts";

const missing = missingForCluster();
const hasMetrics = missing.length === 0 && servesMetrics();
const PER_SECOND = 120;
const UNCHANGED = ["--expect-no-changes", "--skip-preview"];

describe.skipIf(missing.length > 0)(
  `a whole promotion in a cluster, with callers in a pod (requires ${missing.join(", ") || "nothing more"})`,
  () => {
    const { all, addCalls, timed } = figures();
    let project: ClusterProject;
    let callers: PodCallers;
    /** Version that passed its trial. */
    let good: string;

    const up = (stack: string, ...args: string[]) => timed(`up ${stack}`, () => project.up(stack, ...args));
    const succeeds = async (stack: string, ...args: string[]) => {
      const { exitCode, output } = await up(stack, ...args);
      expect(exitCode, output).toBe(0);
      return output;
    };
    /** Runs an update that must fail and not move the stages. */
    const fails = async (stack: string) => {
      const before = await project.stages();
      const { exitCode, output } = await up(stack);
      if ((await project.stages()) !== before) all.stagesMovedWrongly++;
      expect(exitCode, output).not.toBe(0);
      return output;
    };
    const replicas = async () => {
      const deployment = ["get", "deployment", `${project.model}-production`, "--output", "jsonpath={.spec.replicas}"];
      return Number(await kubectl(["--namespace", project.namespace("production"), ...deployment]));
    };
    const imagesOf = (environment: "staging" | "production") =>
      kubectl([
        "--namespace",
        project.namespace(environment),
        "get",
        "deployment",
        `${project.model}-${environment}`,
        "--output",
        "jsonpath={.spec.template.spec.containers[*].image}",
      ]);

    beforeAll(async () => {
      project = await timed("images", () => makeClusterProject({ job: true }));
    }, 900_000);
    afterAll(async () => {
      await callers?.[Symbol.asyncDispose]();
      await project?.[Symbol.asyncDispose]();
    }, 600_000);

    test("staging: a server, a training Job, the gate, an image and two pods", async () => {
      const output = await succeeds("staging");
      expect(output).toContain("registered");
      expect(await project.served("staging")).toBe("1");
      expect(await project.stages()).toBe("Staging 1, Production none");
    });

    test("production: the digest that staging verified", async () => {
      await project.set("production", "promotion.version", "1");
      await succeeds("production");
      expect(await project.stages()).toBe("Staging none, Production 1");
      expect(await imagesOf("production")).toMatch(/@sha256:[0-9a-f]{64}$/);
      expect(await imagesOf("production")).toBe(await imagesOf("staging"));
    });

    test("a second update changes nothing, nor does one with a refresh", async () => {
      for (const stack of ["staging", "production"]) {
        await succeeds(stack, ...UNCHANGED);
        await succeeds(stack, ...UNCHANGED, "--refresh");
      }
    });

    test("callers in a pod", async () => {
      const urls = [project.inCluster("staging"), project.inCluster("production")];
      callers = await startCallers(`${project.model}-callers`, await callersImage(), urls, PER_SECOND);
    });

    test("a good canary passes, and its version replaces the former one", async () => {
      await project.set("staging", "canary", CANARY);
      await project.set("staging", "training.params.C", 0.5);
      const output = await succeeds("staging");
      expect(output).toContain("pods take part for 40 s");
      expect(await project.served("staging")).toBe("2");
    });

    test.skipIf(!restartCommand)(
      "an API server that restarts during a trial does not end it (requires a command in CLUSTER_API_RESTART)",
      async () => {
        await project.set("staging", "training.params.C", 0.45);
        // The cluster routes callers to a new pod only once its API server is back.
        await project.set("staging", "canary.seconds", 60);
        const updated = up("staging");
        await newPods(project.namespace("staging"), "track=canary");
        await restartApi();
        const { exitCode, output } = await updated;
        expect(exitCode, output).toBe(0);
        expect(await project.served("staging")).toBe("3");
        await project.set("staging", "canary.seconds", CANARY.seconds);
      },
    );

    test("a slow canary fails, and changes nothing for callers", async () => {
      good = await project.served("staging");
      await project.set("staging", "training.params.C", 0.4);
      await project.set("staging", "kubernetes.service.cpu", "50m");
      await project.set("staging", "kubernetes.service.cpuLimit", "60m");
      const output = await fails("staging");
      expect(output).toMatch(/the canary of version \d did not pass \(fail\)/);
      expect(await project.served("staging")).toBe(good);
      await project.set("staging", "kubernetes.service.cpu", "100m");
      await project.set("staging", "kubernetes.service.cpuLimit", undefined);
    });

    test("a canary with other predictions fails, and changes nothing for callers", async () => {
      await project.set("staging", "training.runner", undefined);
      await project.set("staging", "training.command", "node tests/cluster/helpers/wrong-trainer.ts");
      await project.set("staging", "gate.accuracy.min", 0.3);
      const output = await fails("staging");
      expect(output).toMatch(/predictions: .* \(fail\)/);
      expect(await project.served("staging")).toBe(good);
    });

    test.skipIf(!hasMetrics)("scaling by CPU (requires metrics-server)", async () => {
      await project.set("production", "kubernetes.service.cpuPercent", 5);
      await project.set("production", "kubernetes.service.maxReplicas", 3);
      await succeeds("production");
      for (let tries = 0; (await replicas()) < 3 && tries < 120; tries++) await sleep(1000);
      expect(await replicas()).toBe(3);
    });

    test("a rolling update in production leaves the number of pods to the autoscaler", async () => {
      const numbers = [await replicas()];
      let over = false;
      const watched = (async () => {
        for (; !over; await sleep(500)) numbers.push(await replicas());
      })();
      await project.set("production", "promotion.version", "2");
      await succeeds("production");
      over = true;
      await watched;
      expect(await project.served("production")).toBe("2");
      expect(Math.min(...numbers)).toBe(hasMetrics ? 3 : 2);
    });

    test("a rollback, within 40 s", async () => {
      const ran = await timed("rollback", project.rollback);
      expect(ran.exitCode, ran.output).toBe(0);
      all.rollbackSeconds = secondsToServed(ran);
      expect(all.rollbackSeconds).toBeLessThan(40);
      expect(await project.served("production")).toBe("1");
      expect(await project.stages()).toMatch(/Production 1$/);
    });

    test("a drained node: pods move one by one", async () => {
      const moved = await timed("drain", () =>
        drainNode(project.namespace("production"), `app.kubernetes.io/instance=${project.model}-production`),
      );
      expect(moved).toBeGreaterThanOrEqual(2);
    });

    test("no request failed", async () => {
      while ((await callers.counts()).sent < 20_000) await sleep(1000);
      const counts = await callers.stop();
      addCalls(counts);
      expect(counts.reasons).toEqual({});
      expect(counts.sent).toBeGreaterThanOrEqual(20_000);
    });

    test("destroyed in order, staging keeps its claim, and the next stack adopts it", async () => {
      await project.must("destroy", "--yes", "--skip-preview", "--non-interactive", "--stack", "production");
      await project.must("destroy", "--yes", "--skip-preview", "--non-interactive", "--stack", "staging");
      const claims = ["--namespace", project.namespace("staging"), "get", "persistentvolumeclaims"];
      expect(await kubectl([...claims, "--output", "name"])).toBe("persistentvolumeclaim/mlflow\n");
      await project.set("staging", "kubernetes.existingNamespace", project.namespace("staging"));
      await project.set("staging", "kubernetes.mlflow.existingClaim", "mlflow");
      await project.set("staging", "training", { version: "2" });
      await project.set("staging", "gate.accuracy.min", 0.85);
      await succeeds("staging");
      expect(await project.served("staging")).toBe("2");
      await succeeds("staging", ...UNCHANGED);
    });
  },
);

/** Short intervals and few requests, because this tests the verdicts; the canary's own tests cover the margins. */
const CANARY = { percent: 25, seconds: 40, intervalSeconds: 2, minRequests: 100, predictionMargin: 0.2 };
