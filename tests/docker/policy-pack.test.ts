import { resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { docker } from "../../infra/targets/docker/docker-cli.ts";
import { listContainers } from "../../infra/targets/docker/engine-containers.ts";
import { type DockerProject, makeDockerProject, REPOSITORY } from "./helpers/docker-project.ts";
import { missingForCli } from "./helpers/engine.ts";
import { haproxyStandIn, pythonStandIn } from "./helpers/stand-in-images.ts";

const missing = missingForCli();
const PACK = ["--policy-pack", resolve("policy")];

describe.skipIf(missing.length > 0)(
  `the default config of target docker and the policy pack, on the official CLI (requires ${missing.join(", ") || "nothing more"})`,
  () => {
    let project: DockerProject;
    let released: string;
    beforeAll(async () => {
      project = await makeDockerProject();
      // Named like the default image: by a release's tag in a registry.
      released = `${project.registry.address}/mlflow:v3.17.2`;
      const dockerfile = ["--file", "infra/targets/docker/mlflow.Dockerfile", "infra/targets"];
      const base = ["--build-arg", `PYTHON_IMAGE=${await pythonStandIn()}`];
      await docker(["build", "--network", "host", "--tag", released, ...base, ...dockerfile]);
      await docker(["push", released]);
      await docker(["rmi", released]);
      const gateway = await docker(["image", "inspect", "--format", "{{.Id}}", await haproxyStandIn()]);
      for (const stack of ["staging", "production"]) await project.set(stack, "docker.gatewayImage", gateway.trim());
      await project.set("staging", "mlflow.image", released);
      await project.set("staging", "image.repository", REPOSITORY);
      await project.set("production", "promotion.version", "1");
    }, 900_000);
    afterAll(async () => {
      await project?.[Symbol.asyncDispose]();
      if (released) await docker(["rmi", "--force", released]).catch(() => "");
    });

    test.each(["staging", "production"])("%s passes, in the preview and in the update", async (stack) => {
      const up = await project.up(stack, ...PACK);
      expect(up.exitCode, up.output).toBe(0);
      expect(up.output).toMatch(/✅ model-promotion@v[\d.]+/);
      expect(up.output).not.toContain("[mandatory]");
    });

    test("MLflow runs by the digest that its tag resolved to, and a moved tag changes nothing", async () => {
      const port = Number(new URL(project.trackingUri).port);
      const server = (await listContainers(undefined)).find(({ ports }) => ports.some((each) => each.port === port));
      expect(server?.image).toMatch(/\/mlflow@sha256:[0-9a-f]{64}$/);
      await docker(["tag", await haproxyStandIn(), released]);
      await docker(["push", released]);
      const preview = ["preview", "--non-interactive", "--expect-no-changes", "--stack", "staging"];
      const again = await project.pulumi(...preview, ...PACK);
      expect(again.exitCode, again.output).toBe(0);
    });
  },
);
