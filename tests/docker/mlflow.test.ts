import { get } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { docker } from "../../infra/targets/docker/docker-cli.ts";
import { mlflowContainerSettings } from "../../infra/targets/docker/docker-settings.ts";
import { downloadArtifact, uploadArtifact } from "../../registry/artifacts.ts";
import { MlflowClient } from "../../registry/mlflow-client.ts";
import { createRun, endRun, getOrCreateExperiment, getRun } from "../../registry/runs.ts";
import { freePort } from "../helpers/free-port.ts";
import { mockedStaging } from "../infra/docker/docker-program.ts";
import { missingForEngine } from "./helpers/engine.ts";
import { runContainer } from "./helpers/run-container.ts";
import { pythonStandIn } from "./helpers/stand-in-images.ts";

const missing = missingForEngine();

describe.skipIf(missing.length > 0)(
  `MLflow's container on a Docker engine (requires ${missing.join(", ") || "nothing more"})`,
  () => {
    const name = `test-mlflow-${process.pid}`;
    let port: number;
    const client = () => new MlflowClient({ trackingUri: `http://127.0.0.1:${port}` });
    const format = async (text: string) => (await docker(["inspect", "--format", text, name])).trim();
    /** MLflow's container as the program describes it, from the image that `mlflow.image: build` builds. */
    const start = async () => {
      const settings = { mlflow: { image: "build", port }, docker: { protect: false } };
      const { resource } = await mockedStaging({ settings });
      await runContainer(name, resource("mlflow-server").inputs, {
        image: name,
        networksAdvanced: [],
        restart: "no",
        volumes: [{ volumeName: name, containerPath: "/data" }],
      });
      for (let tries = 0; tries < 180 && (await format("{{.State.Health.Status}}")) === "starting"; tries++)
        await sleep(1000);
      const log = await docker(["logs", "--tail", "30", name], { both: true });
      expect(await format("{{.State.Health.Status}}"), log).toBe("healthy");
    };

    beforeAll(async () => {
      port = await freePort();
      const { args } = (
        await mockedStaging({ settings: { mlflow: { image: "build", base: await pythonStandIn() } } })
      ).resource("mlflow-image").inputs.build as { args: Record<string, string> };
      await docker([
        "build",
        "--network",
        "host",
        "--tag",
        name,
        "--file",
        "infra/targets/docker/mlflow.Dockerfile",
        ...Object.entries(args).flatMap(([key, value]) => ["--build-arg", `${key}=${value}`]),
        "infra/targets",
      ]);
      await start();
    }, 600_000);
    afterAll(async () => {
      await docker(["rm", "--force", name]).catch(() => "");
      await docker(["volume", "rm", "--force", name]);
      await docker(["rmi", "--force", name]);
    });

    test("keeps runs and artifacts on its volume, where another container finds them", async () => {
      const experiment = await getOrCreateExperiment(client(), "churn-model");
      const { runId, artifactUri } = await createRun(client(), experiment, "by-a-test");
      await uploadArtifact(client(), artifactUri, "notes/what.txt", "kept");
      await endRun(client(), runId, "FINISHED");
      await docker(["rm", "--force", name]);
      await start();
      expect((await getRun(client(), runId)).artifactUri).toBe(artifactUri);
      expect(new TextDecoder().decode(await downloadArtifact(client(), artifactUri, "notes/what.txt"))).toBe("kept");
    });

    test("listens only on the loopback interface, and accepts only configured host names", async () => {
      expect(await format("{{json .HostConfig.PortBindings}}")).toBe(
        JSON.stringify({ "5000/tcp": [{ HostIp: "127.0.0.1", HostPort: String(port) }] }),
      );
      const url = `http://127.0.0.1:${port}/api/2.0/mlflow/experiments/get?experiment_id=0`;
      expect(await requestAs(url, `localhost:${port}`)).toBe(200);
      expect(await requestAs(url, "evil.example.org")).toBe(403);
    });

    test("is confined: read-only image, no capabilities, limited memory", async () => {
      await expect(docker(["exec", name, "sh", "-c", "echo > /usr/local/bin/python"])).rejects.toThrow(/[Rr]ead-only/);
      expect(await docker(["exec", name, "sh", "-c", "grep CapEff /proc/1/status"])).toMatch(/:\s0+$/m);
      expect(await format("{{.HostConfig.Memory}} {{.HostConfig.NanoCpus}} {{.HostConfig.CpuQuota}}")).toBe(
        `${2048 * 2 ** 20} 0 200000`,
      );
    });

    test("has the drivers for Postgres and S3", async () => {
      // Resolved like MLflow does, by the scheme of the settings' URL.
      const { backendStoreUri } = mlflowContainerSettings;
      const url = backendStoreUri.parse("postgresql://user:word@db/mlflow");
      const program = `import boto3; from sqlalchemy import create_engine; create_engine("${url}"); print("both")`;
      expect(await docker(["exec", name, "python", "-c", program])).toBe("both\n");
    });
  },
);

/** Returns the status of a request with another host name. */
const requestAs = (url: string, host: string) =>
  new Promise<number | undefined>((done, fail) => {
    get(url, { headers: { host } }, (response) => {
      response.resume();
      done(response.statusCode);
    }).on("error", fail);
  });
