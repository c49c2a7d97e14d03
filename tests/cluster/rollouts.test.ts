import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type RunningMlflow, startMlflow } from "../helpers/mlflow-server.ts";
import { crashingImage, LAST_WORDS } from "./helpers/cluster-images.ts";
import { type ClusterProject, makeClusterProject } from "./helpers/cluster-project.ts";
import { figures } from "./helpers/figures.ts";
import { apply, kubectl, newPods, restartApi } from "./helpers/kubectl.ts";
import { missingForCluster, registry, restartCommand } from "./helpers/missing.ts";

const missing = missingForCluster();
const TIMEOUT_SECONDS = 30;
const DEFAULT_SECONDS = 180;
/** What an error may take on top of the time that pods get. */
const MORE_SECONDS = 15;

describe.skipIf(missing.length > 0)(
  `rollouts in a cluster that cannot succeed (needs ${missing.join(", ") || "nothing more"})`,
  () => {
    const { all, timed } = figures();
    let mlflow: RunningMlflow;
    let project: ClusterProject;
    const namespace = () => project.namespace("staging");

    beforeAll(async () => {
      mlflow = await startMlflow();
      project = await makeClusterProject({ trackingUri: mlflow.url });
      const { exitCode, output } = await timed("up staging", () => project.up("staging"));
      expect(exitCode, output).toBe(0);
    }, 900_000);
    afterAll(async () => {
      await project?.[Symbol.asyncDispose]();
      await mlflow?.stop();
    }, 600_000);

    /** An update whose pods do not get to run: it has to say why in time, and to leave stages and callers alone. */
    async function failing(what: string, seconds = TIMEOUT_SECONDS): Promise<string> {
      await project.set(
        "staging",
        "kubernetes.rolloutTimeoutSeconds",
        seconds === DEFAULT_SECONDS ? undefined : seconds,
      );
      const before = await project.stages();
      const { exitCode, output } = await timed(what, () => project.up("staging"));
      if ((await project.stages()) !== before) all.stagesMovedWrongly++;
      expect(exitCode, output).not.toBe(0);
      // The CLI's own clock of the resource that waits.
      const [, took] = /Rollout staging-rollout \w+ \((\d+)s\)[^\n]*; error:/.exec(output) ?? [];
      expect(took, output).toBeDefined();
      all.slowestFailureSeconds = Math.max(all.slowestFailureSeconds, Number(took));
      expect(Number(took)).toBeLessThanOrEqual(seconds + MORE_SECONDS);
      expect(await project.served("staging")).toBe("1");
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

    test("a program that ends: its exit code and its last words", async () => {
      await project.set("staging", "kubernetes.image", await crashingImage());
      const output = await failing("a program that ends");
      expect(output).toContain("exit code 3");
      expect(output).toContain(LAST_WORDS);
      await project.set("staging", "kubernetes.image", undefined);
    });

    test("more than any node has, within the default time", async () => {
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
      // The cluster itself tries again after ever longer pauses.
      await project.set("staging", "kubernetes.rolloutTimeoutSeconds", undefined);
    });

    test("then the update succeeds", async () => {
      const { exitCode, output } = await timed("up staging", () => project.up("staging"));
      expect(exitCode, output).toBe(0);
      expect(await project.served("staging")).toBe("2");
    });

    test.skipIf(!restartCommand)(
      "an API server that restarts in the middle of a rollout (needs a command in CLUSTER_API_RESTART)",
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

    test("two models side by side, each with names of its own", async () => {
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
