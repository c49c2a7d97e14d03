import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { docker } from "../../infra/targets/docker/docker-cli.ts";
import { MlflowClient } from "../../registry/mlflow-client.ts";
import { getModelVersion } from "../../registry/model-versions.ts";
import { type DockerProject, makeDockerProject } from "./helpers/docker-project.ts";
import { missingForCli } from "./helpers/engine.ts";
import { NODE } from "./helpers/stand-in-images.ts";

const missing = missingForCli();
const MARK = "written-by-a-test";

describe.skipIf(missing.length > 0)(
  `MLflow's data on target docker, on the official CLI (requires ${missing.join(", ") || "nothing more"})`,
  () => {
    let project: DockerProject;
    const staging = ["--yes", "--skip-preview", "--non-interactive", "--stack", "staging"];
    const volume = () => `${project.name}_staging_mlflow-data`;
    const volumes = async () =>
      (await docker(["volume", "ls", "--quiet", "--filter", `name=${volume()}`])).split("\n").filter(Boolean);
    const inVolume = (command: string) =>
      docker(["run", "--rm", "--volume", `${volume()}:/data`, NODE, "sh", "-c", command]);
    /** Marker file in the first update's volume; a new volume of the same name would not have it. */
    const hasMark = async () => (await inVolume("cat /data/mark || true")) === MARK;
    const hasVersion = async (version: string) =>
      (await getModelVersion(new MlflowClient({ trackingUri: project.trackingUri }), "churn-model", version)).version;
    const urn = (resource: string) => `urn:pulumi:staging::${project.name}::${resource}`;

    beforeAll(async () => {
      project = await makeDockerProject();
      await project.must("up", ...staging);
      await inVolume(`printf ${MARK} > /data/mark`);
    }, 900_000);
    afterAll(async () => {
      await project?.[Symbol.asyncDispose]();
    });

    test.each([
      "docker:index/volume:Volume::mlflow-data",
      "pulumi-nodejs:dynamic/promotion:KeptVolume::mlflow-data-kept",
      "docker:index/container:Container::mlflow-server",
      "docker:index/network:Network::mlflow-network",
      "docker:index/image:Image::mlflow-image",
      "pulumi:providers:docker::docker",
    ])("a forced replacement of %s leaves them", async (resource) => {
      // Also with the setting that lets a destroy remove the data.
      await project.set("staging", "docker.keepData", false);
      const replaced = await project.pulumi("up", ...staging, "--replace", urn(resource));
      expect(replaced.exitCode, replaced.output).toBe(0);
      expect(await volumes()).toEqual([volume()]);
      expect(await hasMark()).toBe(true);
      expect(await hasVersion("1")).toBe("1");
      await project.must("state", "taint", urn(resource), "--stack", "staging", "--yes");
      const tainted = await project.pulumi("up", ...staging);
      expect(tainted.exitCode, tainted.output).toBe(0);
      expect(await hasMark()).toBe(true);
      expect(await hasVersion("1")).toBe("1");
    });

    test("a stack that no longer has a server keeps the data, and reuses it later", async () => {
      await project.set("staging", "mlflow.trackingUri", project.trackingUri);
      const without = await project.pulumi("up", ...staging);
      expect(without.exitCode, without.output).toBe(0);
      expect(without.output).toContain(`MLflow's data is kept in the Docker volume ${volume()}.`);
      expect(await hasMark()).toBe(true);
      await project.set("staging", "mlflow.trackingUri", undefined);
      await project.must("up", ...staging);
      expect(await hasVersion("1")).toBe("1");
    });

    test("another stack's server cannot use the data while a server uses it", async () => {
      await using clone = await makeDockerProject(project.name);
      const up = await clone.pulumi("up", ...staging);
      expect(up.exitCode, up.output).not.toBe(0);
      expect(up.output).toMatch(
        new RegExp(`volume ${volume()} is in use by container mlflow-server-\\w+, which does not belong to this stack`),
      );
      expect(up.output).toContain("pulumi config set --path mlflow.volume <name>");
    });

    test("destroy succeeds, keeps the data and says where; the next update continues with it", async () => {
      await project.set("staging", "docker.keepData", undefined);
      await project.must("up", ...staging);
      const destroyed = await project.pulumi("destroy", ...staging);
      expect(destroyed.exitCode, destroyed.output).toBe(0);
      expect(destroyed.output).toContain(
        `MLflow's data is kept in the Docker volume ${volume()}. The stack's next update uses it again. ` +
          `To remove the data: docker volume rm ${volume()}`,
      );
      const again = await project.pulumi("up", "--yes", "--non-interactive", "--stack", "staging");
      expect(again.exitCode, again.output).toBe(0);
      expect(await hasMark()).toBe(true);
      expect(await hasVersion("1")).toBe("1");
      // A new stack trains; version numbers continue.
      expect(await hasVersion("2")).toBe("2");
    });

    test("destroy removes the data if configured", async () => {
      await project.set("staging", "docker.keepData", false);
      await project.must("up", ...staging);
      expect(await volumes()).toEqual([volume()]);
      const destroyed = await project.pulumi("destroy", ...staging);
      expect(destroyed.exitCode, destroyed.output).toBe(0);
      expect(destroyed.output).toContain(`The Docker volume ${volume()} with MLflow's data was removed`);
      expect(await volumes()).toEqual([]);
    });
  },
);
