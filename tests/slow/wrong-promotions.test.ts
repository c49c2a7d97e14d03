/** The real program on the real engine: ways in which a version went to production that should not have, or a good one could not go there any more. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { readDeploymentEvidence, readGateEvidence } from "../../registry/evidence.ts";
import { readHistory } from "../../registry/history.ts";
import { MlflowClient } from "../../registry/mlflow-client.ts";
import { getModelVersion, getVersionByAlias } from "../../registry/model-versions.ts";
import { HealthAnswer } from "../../service/contract.ts";
import { makeProject, type Project, type Ran } from "../helpers/project.ts";
import { rollbackOf } from "../helpers/project-command.ts";
import { byHand } from "../helpers/registry/by-hand.ts";

// One story on one MLflow server: each test goes on where the one before it ended.
const MODEL = "churn-model";
let project: Project;
let client: MlflowClient;
let hand: ReturnType<typeof byHand>;
beforeAll(async () => {
  project = await makeProject();
  client = new MlflowClient({ trackingUri: project.trackingUri });
  hand = byHand(client, MODEL);
  await project.set("staging", "gate.accuracy.min", "0.85");
  await project.set("staging", "gate.champion.first", "pass");
  await project.set("staging", "gate.champion.accuracy.margin", "0.05");
});
afterAll(() => project?.remove());

const version = (number: string) => getModelVersion(client, MODEL, number);
const gateOf = async (number: string) => readGateEvidence(await version(number));
const inProduction = async () => (await getVersionByAlias(client, MODEL, "production"))?.version;
const served = async (environment: "staging" | "production") =>
  HealthAnswer.parse(await (await fetch(`http://127.0.0.1:${project.ports[environment]}/health`)).json()).version;
const preview = (stack: string) => project.pulumi("preview", "--diff", "--non-interactive", "--stack", stack);

async function up(stack: string, ...args: string[]): Promise<void> {
  const { exitCode, output } = await project.up(stack, ...args);
  expect(exitCode, output).toBe(0);
}
async function fails(work: Promise<Ran>): Promise<string> {
  const { exitCode, output } = await work;
  expect(exitCode, output).toBe(1);
  return output;
}
async function promote(number: string): Promise<Ran> {
  await project.set("production", "promotion.version", number);
  return project.up("production");
}
const retrain = (C: string) => project.set("staging", "training.params.C", C);

it("promotes version 1, judged as the first", async () => {
  await up("staging");
  expect(await gateOf("1")).toMatchObject({ verdict: "passed", champion: "none" });
  await up("production");
  expect([await served("production"), await inProduction()]).toEqual(["1", "1"]);
});

it("the preview shows that another champion is there to be compared with, and why it judges again", async () => {
  const { output } = await preview("staging");
  expect(output).toMatch(/champion *: "none" => "version 1, sha256 \w{64}"/);
  await up("staging");
  expect((await gateOf("1"))?.champion).toMatch(/^version 1, /);
  await up("staging", "--expect-no-changes");
});

it("a failed verdict stands, though its report can go nowhere, and the error says the verdict first", async () => {
  await retrain("0.1");
  await up("staging");
  await hand.deleteRun("2");
  await project.set("staging", "gate.accuracy.min", "0.99");
  const output = await fails(project.up("staging"));
  expect(output).toMatch(/quality gate failed for churn-model version 2: accuracy 0\.\d+ < 0\.99 required/);
  expect(output).toMatch(/its report could not be recorded: the run \w+ of churn-model version 2 was deleted/);
  expect(await gateOf("2")).toMatchObject({ verdict: "failed" });
  expect(await fails(promote("2"))).toContain("its quality gate failed");
  expect(await inProduction()).toBe("1");
});

it("back at the old policy the preview shows that the registry says otherwise, and the next up repairs it", async () => {
  await project.set("staging", "gate.accuracy.min", "0.85");
  const { output } = await preview("staging");
  expect(output).toMatch(
    /evidence *: "none" => "failed by policy \w+, evidence \w+: accuracy 0\.\d+ < 0\.99 required"/,
  );
  // A pass needs its report, and that its run.
  const failed = await fails(project.up("staging"));
  expect(failed).toMatch(/quality gate passed for churn-model version 2: .*\n.*It is not approved/);
  expect((await gateOf("2"))?.verdict).not.toBe("passed");
  const { runId } = await version("2");
  await client.call("POST", "mlflow/runs/restore", { body: { run_id: runId } });
  await up("staging");
  expect(await gateOf("2")).toMatchObject({ verdict: "passed" });
  await up("staging", "--expect-no-changes");
});

it("a tighter bound of the latency that was only tried is repaired likewise", async () => {
  await project.set("staging", "service.maxLatencyMs", "0.0001");
  await fails(project.up("staging"));
  expect(readDeploymentEvidence(await version("2"), "staging")).toMatchObject({ verdict: "failed" });
  await project.set("staging", "service.maxLatencyMs", "100");
  const { output } = await preview("staging");
  expect(output).toMatch(/evidence *: .* => "failed, evidence \w+: latency: p95/);
  await up("staging");
  expect(readDeploymentEvidence(await version("2"), "staging")).toMatchObject({ verdict: "passed" });
});

it("what the guard said before a failed update counts no more at the next one", async () => {
  await project.set("production", "service.maxLatencyMs", "0.0001");
  expect(await fails(promote("2"))).toContain("is not what was approved (churn-model version 2)");
  await project.set("production", "service.maxLatencyMs", "100");
  await project.set("staging", "gate.accuracy.min", "0.99");
  await fails(project.up("staging"));
  expect(await fails(project.up("production"))).toContain("its quality gate failed: accuracy");
  expect(await inProduction()).toBe("1");
  await project.set("staging", "gate.accuracy.min", "0.85");
  await up("staging");
});

it("refuses a version that was compared with another one than production serves now, and names the way out, which works", async () => {
  await retrain("0.5");
  await up("staging");
  expect(await promote("3")).toMatchObject({ exitCode: 0 });
  const output = await fails(promote("2"));
  expect(output).toMatch(
    /the gate compared it with version 1, sha256 \w{64}, but production now serves version 3, sha256/,
  );
  expect(output).toContain("pulumi config set --path training.version 2 -s <staging's stack>");
  await project.set("staging", "training.version", "2");
  await up("staging");
  expect(await served("staging")).toBe("2");
  expect((await gateOf("2"))?.champion).toMatch(/^version 3, /);
  expect(await promote("2")).toMatchObject({ exitCode: 0 });
  // Its number is lower: it was never there before all the same.
  expect((await readHistory(client, MODEL)).at(-1)).toMatchObject({ kind: "promotion", from: "3", to: "2" });
});

it("goes back by what a version was promoted with, whatever policy was tried since", async () => {
  await project.set("staging", "training.version", "3");
  await project.set("staging", "gate.accuracy.min", "0.99");
  await fails(project.up("staging"));
  expect(await gateOf("3")).toMatchObject({ verdict: "failed" });
  expect(await rollbackOf(project, "--yes")).toMatchObject({ exitCode: 0 });
  expect([await served("production"), await inProduction()]).toEqual(["3", "3"]);
  expect((await readHistory(client, MODEL)).at(-1)).toMatchObject({ kind: "rollback", from: "2", to: "3" });
});

it("a registry that was edited by hand stops the gate, and production's next up repairs it", async () => {
  await project.set("staging", "gate.accuracy.min", "0.85");
  await hand.unalias("production");
  expect(await fails(project.up("staging"))).toMatch(
    /the registry disagrees about which version of churn-model is in production: the alias production names no version/,
  );
  await up("production");
  expect(await inProduction()).toBe("3");
  await hand.deleteHistory();
  await hand.alias("production", "1");
  await up("production");
  expect(await inProduction()).toBe("3");
  expect((await readHistory(client, MODEL)).filter(({ kind }) => kind === "promotion")).toHaveLength(3);
  await up("production", "--expect-no-changes");
  await up("staging");
});

it("a version that was deleted while staging serves it is named, with a way out", async () => {
  await project.pulumi("config", "rm", "--path", "training.version", "--stack", "staging");
  await up("staging");
  const trained = await served("staging");
  expect(Number(trained)).toBeGreaterThan(3);
  await hand.deleteVersion(trained);
  const output = await fails(project.up("staging"));
  expect(output).toContain(
    `the registry has no version ${trained} of churn-model. It was deleted after this stack trained it`,
  );
  expect(output).toContain("pulumi up --replace '**::churn-model-trainer'");
});

it("staging is not taken down while production needs its registry", async () => {
  const destroy = (stack: string) => project.pulumi("destroy", "--yes", "--non-interactive", "--stack", stack);
  const before = await served("staging");
  const output = await fails(destroy("staging"));
  expect(output).toContain("production still needs it: version 3 of churn-model");
  expect(await served("staging")).toBe(before);
  expect(await inProduction()).toBe("3");
  for (const stack of ["production", "staging"]) {
    const { exitCode, output } = await destroy(stack);
    expect(exitCode, output).toBe(0);
  }
});
