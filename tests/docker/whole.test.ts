import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readDeploymentEvidence } from "../../registry/evidence.ts";
import { MlflowClient } from "../../registry/mlflow-client.ts";
import { getModelVersion, type ModelVersion } from "../../registry/model-versions.ts";
import { type DockerProject, makeDockerProject } from "./helpers/docker-project.ts";
import { type DockerStory, dockerStory } from "./helpers/docker-story.ts";
import { missingForCli } from "./helpers/engine.ts";

const missing = missingForCli();

describe.skipIf(missing.length > 0)(
  `the whole docker target on the official CLI (requires ${missing.join(", ") || "nothing more"})`,
  () => {
    let project: DockerProject;
    let story: DockerStory;
    let version: ModelVersion;
    beforeAll(async () => {
      project = await makeDockerProject();
      story = await dockerStory(project, (line) => console.log(line));
      version = await getModelVersion(new MlflowClient({ trackingUri: project.trackingUri }), "churn-model", "1");
    }, 1_500_000);
    afterAll(async () => {
      await project?.[Symbol.asyncDispose]();
    });

    test("runs the local image without a repository, and the promotion is refused with the reason", () => {
      expect(story.local.exitCode, story.local.output).toBe(0);
      expect(story.refused.exitCode, story.refused.output).not.toBe(0);
      expect(story.refused.output).toContain("in an image that exists only on that machine (sha256:");
      expect(story.refused.output).toContain("pulumi config set --path image.repository");
    });

    test("passes each of staging's checks, with one line per check", () => {
      for (const proof of [
        "starts",
        "loads",
        "serves",
        "schema",
        "environment",
        "latency",
        "image",
        "dependencies",
        "limits",
      ])
        expect(story.pushed.output).toMatch(new RegExp(`"${proof}: `));
      expect(readDeploymentEvidence(version, "staging")).toMatchObject({ verdict: "passed" });
    });

    test("changes nothing after an edit outside the image, nor at a second update", () => {
      expect(story.unrelated.exitCode, story.unrelated.output).toBe(0);
      expect(story.again.exitCode, story.again.output).toBe(0);
    });

    test("promotes the digest that staging verified, and builds no image, regardless of the working tree", () => {
      expect(story.promoted.exitCode, story.promoted.output).toBe(0);
      expect(story.promoted.imagesMade).toBe(0);
      expect(version.tags["staging.image"]).toMatch(/\/acme\/churn-model@sha256:[0-9a-f]{64}$/);
      expect(version.tags["production.image"]).toBe(version.tags["staging.image"]);
    });

    test("a failed preflight fails the update and leaves the old version serving, without a failed request", () => {
      expect(story.preflight.exitCode, story.preflight.output).not.toBe(0);
      expect(story.preflight.output).toContain("latency: p95");
      expect(story.preflight).toMatchObject({ served: "1", load: { failed: [] } });
      expect(story.preflight.load.sent).toBeGreaterThan(200);
    });

    test("switches without a failed request, and does not affect production", () => {
      expect(story.switched.exitCode, story.switched.output).toBe(0);
      expect(story.switched).toMatchObject({ served: "2", load: { failed: [] } });
      expect(story.pushed.load.failed).toEqual([]);
      for (const { load } of [story.switched, story.pushed]) expect(load.sent).toBeGreaterThan(200);
      expect(story.production).toBe("1");
    });

    test("measures each feature's drift, from bins in the container's environment", async () => {
      const [head = ""] = (await readFile("models/churn/data/reference.csv", "utf8")).split("\n");
      expect(story.drifting).toEqual(head.split(",").slice(0, -1));
    });
  },
);
