import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { docker } from "../../infra/targets/docker/docker-cli.ts";
import { type EngineContainer, listContainers } from "../../infra/targets/docker/engine-containers.ts";
import { MlflowClient } from "../../registry/mlflow-client.ts";
import { getVersionByAlias } from "../../registry/model-versions.ts";
import { HealthAnswer } from "../../service/contract.ts";
import { type DockerProject, makeDockerProject } from "./helpers/docker-project.ts";
import { missingForCli } from "./helpers/engine.ts";

interface Exported {
  readonly deployment: { readonly resources: readonly Saved[] };
}
interface Saved {
  readonly urn: string;
  readonly type: string;
  readonly dependencies?: readonly string[];
}

/** Returns the resources that are deleted only after a given one. */
function dependenciesOf(resources: readonly Saved[], end: string): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = ({ dependencies = [] }: Saved) => {
    for (const resource of resources.filter(({ urn }) => dependencies.includes(urn) && !found.has(urn))) {
      found.add(resource.urn);
      visit(resource);
    }
  };
  for (const resource of resources) if (resource.urn.endsWith(end)) visit(resource);
  return found;
}

const missing = missingForCli();

describe.skipIf(missing.length > 0)(
  `stopped containers, on the official CLI (requires ${missing.join(", ") || "nothing more"})`,
  () => {
    let project: DockerProject;
    beforeAll(async () => {
      project = await makeDockerProject();
      const first = await project.up("staging");
      expect(first.exitCode, first.output).toBe(0);
    }, 900_000);
    afterAll(async () => {
      await project?.[Symbol.asyncDispose]();
    });

    const gateway = (seen: readonly EngineContainer[]) =>
      seen.find(({ ports }) => ports.some(({ port }) => port === project.ports.staging));
    const find: Readonly<Record<string, (seen: readonly EngineContainer[]) => EngineContainer | undefined>> = {
      service: (seen) =>
        seen.find(
          ({ labels, networks }) =>
            labels.role === "inference" && networks.some((each) => gateway(seen)?.networks.includes(each)),
        ),
      gateway,
      mlflow: (seen) =>
        seen.find(({ ports }) => ports.some(({ port }) => port === Number(new URL(project.trackingUri).port))),
    };
    const nameOf = async (role: string) => find[role]?.(await listContainers(undefined))?.name ?? "";
    const preview = (...args: string[]) =>
      project.pulumi("preview", "--non-interactive", "--stack", "staging", ...args);

    test.each(
      ["service", "gateway", "mlflow"].flatMap((role) => [
        [role, "stopped", ["stop"]] as const,
        [role, "removed", ["rm", "--force"]] as const,
        [role, "paused", ["pause"]] as const,
      ]),
    )("a %s that was %s is shown by a preview, and a plain up puts another in its place", async (role, _how, end) => {
      const before = await nameOf(role);
      await docker([...end, before]);
      const shown = await preview();
      expect(shown.exitCode, shown.output).toBe(0);
      const resource = role === "mlflow" ? "mlflow-server" : `staging-${role}`;
      expect(shown.output).toMatch(new RegExp(`\\+-\\s+docker:index:Container ${resource} replace`));
      // Replacing MLflow's container must not trigger training.
      expect(shown.output).not.toContain("churn-model-trainer");

      const up = await project.up("staging");
      expect(up.exitCode, up.output).toBe(0);
      const after = await nameOf(role);
      expect(after).not.toBe(before);
      const health = await fetch(`http://127.0.0.1:${project.ports.staging}/health`);
      expect(HealthAnswer.parse(await health.json()).version).toBe("1");
      const client = new MlflowClient({ trackingUri: project.trackingUri });
      expect((await getVersionByAlias(client, "churn-model", "staging"))?.version).toBe("1");
      const again = await preview("--expect-no-changes");
      expect(again.exitCode, again.output).toBe(0);
    });

    test("a destroy starts with the registry's stage, before everything in Docker", async () => {
      const exported = await project.must("stack", "export", "--stack", "staging");
      const { deployment } = JSON.parse(exported.slice(exported.indexOf("{"))) as Exported;
      const after = dependenciesOf(deployment.resources, ":RegistryStage::staging-stage");
      const inDocker = deployment.resources.filter(({ type }) => type.startsWith("docker:"));
      expect(inDocker.length).toBeGreaterThan(8);
      expect(inDocker.filter(({ urn }) => !after.has(urn))).toEqual([]);
    });

    test("a stage that cannot be released stops a destroy before any container is removed", async () => {
      await docker(["stop", await nameOf("mlflow")]);
      const destroyed = await project.pulumi("destroy", "--yes", "--skip-preview", "--stack", "staging");
      expect(destroyed.exitCode, destroyed.output).not.toBe(0);
      expect(destroyed.output).toContain("churn-model version 1 is still Staging in the registry");
      const health = await fetch(`http://127.0.0.1:${project.ports.staging}/health`);
      expect(HealthAnswer.parse(await health.json()).version).toBe("1");
      const up = await project.up("staging");
      expect(up.exitCode, up.output).toBe(0);
    });
  },
);
