/** Two models side by side on target local: four stacks of one clone, one registry, one data folder. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { MlflowClient } from "../../registry/mlflow-client.ts";
import { getVersionByAlias } from "../../registry/model-versions.ts";
import { HealthAnswer } from "../../service/contract.ts";
import { freePort } from "../helpers/free-port.ts";
import { makeProject, type Project, type Ran } from "../helpers/project.ts";

const OTHER = "cancer-model";
let project: Project;
let client: MlflowClient;
const ports: Record<string, number> = {};
beforeAll(async () => {
  project = await makeProject();
  client = new MlflowClient({ trackingUri: project.trackingUri });
  await project.set("staging", "gate.accuracy.min", "0.85");
  Object.assign(ports, { staging: project.ports.staging, production: project.ports.production });
  for (const environment of ["staging", "production"]) {
    const stack = `cancer-${environment}`;
    const { config } = parse(await readFile(join(project.folder, `Pulumi.${environment}.yaml`), "utf8"));
    ports[stack] = await freePort();
    config["model-promotion:modelName"] = OTHER;
    config["model-promotion:service"] = { port: ports[stack] };
    await writeFile(join(project.folder, `Pulumi.${stack}.yaml`), stringify({ config }));
    await must(project.pulumi("stack", "init", stack));
  }
});
afterAll(() => project?.remove());

async function must(work: Promise<Ran>): Promise<string> {
  const { exitCode, output } = await work;
  expect(exitCode, output).toBe(0);
  return output;
}
const served = async (stack: string) => {
  const { model, version, stage } = HealthAnswer.parse(
    await (await fetch(`http://127.0.0.1:${ports[stack]}/health`)).json(),
  );
  return `${model} ${version} ${stage}`;
};
const CHURN = { staging: "churn-model 1 Staging", production: "churn-model 1 Production" };

it("the second stack is refused by the first one's name: its registry, its port", async () => {
  for (const stack of ["staging", "production"]) await must(project.up(stack));
  const port = await freePort();
  await project.set("cancer-staging", "mlflow.port", String(port));
  const data = await project.up("cancer-staging");
  expect(data.exitCode, data.output).toBe(1);
  expect(data.output).toMatch(
    /the registry in \S+ belongs to stack model-promotion\/staging, but this is stack model-promotion\/cancer-staging\. Use it \(mlflow\.trackingUri\), or set another local\.dataFolder/,
  );
  await project.set("cancer-staging", "mlflow.trackingUri", project.trackingUri);
  await project.set("cancer-staging", "service.port", String(ports.staging));
  const taken = await project.up("cancer-staging");
  expect(taken.exitCode, taken.output).toBe(1);
  expect(taken.output).toContain(`port ${ports.staging} is in use by stack model-promotion/staging`);
  expect([await served("staging"), await served("production")]).toEqual(Object.values(CHURN));
});

it("both models are judged, promoted and served, and neither stack sees a change by the other", async () => {
  await project.set("cancer-staging", "service.port", String(ports["cancer-staging"]));
  await project.set("cancer-production", "mlflow.trackingUri", project.trackingUri);
  for (const stack of ["cancer-staging", "cancer-production"]) await must(project.up(stack));
  expect(await served("cancer-staging")).toBe(`${OTHER} 1 Staging`);
  expect(await served("cancer-production")).toBe(`${OTHER} 1 Production`);
  expect([await served("staging"), await served("production")]).toEqual(Object.values(CHURN));
  for (const model of ["churn-model", OTHER])
    expect((await getVersionByAlias(client, model, "production"))?.version).toBe("1");
  for (const stack of Object.keys(ports)) await must(project.up(stack, "--expect-no-changes"));
});

it("retraining and destroying one leaves the other as it is", async () => {
  await project.set("cancer-staging", "training.params.C", "0.5");
  await must(project.up("cancer-staging"));
  expect(await served("cancer-staging")).toBe(`${OTHER} 2 Staging`);
  for (const stack of ["cancer-production", "cancer-staging"])
    await must(project.pulumi("destroy", "--yes", "--non-interactive", "--stack", stack));
  await expect(served("cancer-staging")).rejects.toThrow();
  expect([await served("staging"), await served("production")]).toEqual(Object.values(CHURN));
  for (const stack of ["staging", "production"]) await must(project.up(stack, "--expect-no-changes"));
});
