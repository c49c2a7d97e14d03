import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { docker } from "../../infra/targets/docker/docker-cli.ts";
import { LABEL_PREFIX, listContainers } from "../../infra/targets/docker/engine-containers.ts";
import { HealthAnswer } from "../../service/contract.ts";
import { freePort } from "../helpers/free-port.ts";
import { type DockerProject, makeDockerProject } from "./helpers/docker-project.ts";
import { missingForCli } from "./helpers/engine.ts";

const missing = missingForCli();

describe.skipIf(missing.length > 0)(
  `stacks of one clone side by side, on the official CLI (requires ${missing.join(", ") || "nothing more"})`,
  () => {
    let project: DockerProject;
    const STACKS = ["staging", "cancer-staging", "second-staging"] as const;
    type Stack = (typeof STACKS)[number];
    const MODELS: Readonly<Record<Stack, string>> = {
      staging: "churn-model",
      // Another model, whose name differs only in characters that Docker treats alike.
      "cancer-staging": "Churn-Model",
      "second-staging": "churn-model",
    };
    const ports = new Map<Stack, { service: number; mlflow: number }>();
    const served = async (stack: Stack) => {
      const answer = await fetch(`http://127.0.0.1:${ports.get(stack)?.service}/health`);
      return HealthAnswer.parse(await answer.json());
    };
    const containersOf = async (stack: Stack) =>
      (await listContainers(undefined)).filter(({ labels }) => labels.stack === `${project.name}/${stack}`);
    const namesOf = async (stack: Stack) => (await containersOf(stack)).map(({ name }) => name).sort();
    const volumes = async () =>
      (await docker(["volume", "ls", "--format", "{{.Name}}", "--filter", `label=${LABEL_PREFIX}role=mlflow-data`]))
        .split("\n")
        .filter((name) => name.startsWith(`${project.name}_`))
        .sort();

    beforeAll(async () => {
      project = await makeDockerProject();
      ports.set("staging", {
        service: project.ports.staging,
        mlflow: Number(new URL(project.trackingUri).port),
      });
      for (const stack of ["cancer-staging", "second-staging"] as const) {
        const own = { service: await freePort(), mlflow: await freePort() };
        ports.set(stack, own);
        const config = { modelName: MODELS[stack], "service.port": own.service, "mlflow.port": own.mlflow };
        await project.addStaging(stack, config);
      }
      // At the same time, as from two terminals.
      const ups = await Promise.all(STACKS.map((stack) => project.up(stack)));
      for (const up of ups) expect(up.exitCode, up.output).toBe(0);
    }, 1_500_000);
    afterAll(async () => {
      await project?.[Symbol.asyncDispose]();
    });

    test("each stack serves its own model from its own registry", async () => {
      for (const stack of STACKS) {
        expect(await served(stack)).toMatchObject({ model: MODELS[stack], version: "1" });
        expect(await containersOf(stack)).toHaveLength(3);
      }
      expect(await volumes()).toEqual([...STACKS].sort().map((stack) => `${project.name}_${stack}_mlflow-data`));
    });

    test("a second update of each stack changes nothing", async () => {
      for (const stack of STACKS) {
        const again = await project.pulumi("preview", "--non-interactive", "--expect-no-changes", "--stack", stack);
        expect(again.exitCode, again.output).toBe(0);
      }
    });

    test("rejects another stack's port with the stack's and the container's name, also in a preview", async () => {
      const holder = ports.get("staging");
      for (const [key, port, role] of [
        ["service.port", holder?.service, "gateway"],
        ["mlflow.port", holder?.mlflow, "mlflow"],
        ["service.port", holder?.mlflow, "mlflow"],
      ] as const) {
        const own = ports.get("cancer-staging");
        await project.set("cancer-staging", key, port);
        const refused = await project.pulumi("preview", "--non-interactive", "--stack", "cancer-staging");
        await project.set("cancer-staging", key, key === "service.port" ? own?.service : own?.mlflow);
        expect(refused.exitCode).not.toBe(0);
        const container = (await containersOf("staging")).find(({ labels }) => labels.role === role)?.name;
        expect(refused.output).toContain(
          `error: port ${port} is in use by container ${container} of stack ${project.name}/staging. ` +
            `Set another port: pulumi config set --path ${key} <port>`,
        );
        expect(refused.output).not.toMatch(/\n\s+at /);
      }
    });

    test("an update replaces only its own stack's objects", async () => {
      const before = await Promise.all(STACKS.map(namesOf));
      const service = (await containersOf("second-staging")).find(({ labels }) => labels.role === "inference");
      await docker(["stop", service?.name ?? ""]);
      const up = await project.up("second-staging");
      expect(up.exitCode, up.output).toBe(0);
      const after = await Promise.all(STACKS.map(namesOf));
      expect(after.slice(0, 2)).toEqual(before.slice(0, 2));
      expect(after[2]).not.toEqual(before[2]);
      for (const stack of STACKS) expect((await served(stack)).model).toBe(MODELS[stack]);
    });

    test("a destroy removes only its own stack's objects", async () => {
      await project.must("destroy", "--yes", "--skip-preview", "--non-interactive", "--stack", "second-staging");
      expect(await namesOf("second-staging")).toEqual([]);
      for (const stack of ["staging", "cancer-staging"] as const) {
        expect((await served(stack)).model).toBe(MODELS[stack]);
        const again = await project.pulumi("preview", "--non-interactive", "--expect-no-changes", "--stack", stack);
        expect(again.exitCode, again.output).toBe(0);
      }
      expect(await volumes()).toHaveLength(3);
    });
  },
);
