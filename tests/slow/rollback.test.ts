import { generateKeyPairSync } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readDeploymentEvidence, readGateEvidence } from "../../registry/evidence.ts";
import { readHistory } from "../../registry/history.ts";
import { MlflowClient } from "../../registry/mlflow-client.ts";
import { getModelVersion, getVersionByAlias, setVersionTags } from "../../registry/model-versions.ts";
import { HealthAnswer } from "../../service/contract.ts";
import { callersOf } from "../helpers/callers.ts";
import { allowedPerSwitch, overload } from "../helpers/machine-share.ts";
import { makeProject, type Project } from "../helpers/project.ts";
import { commandIn, rollbackOf, secondsToServed } from "../helpers/project-command.ts";

// One story on one MLflow server, with signed verdicts: each test goes on where the one before it ended.
let project: Project;
let client: MlflowClient;
const keys = generateKeyPairSync("ed25519");
const signingKey = keys.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
const publicKey = keys.publicKey.export({ type: "spki", format: "pem" }).toString();
beforeAll(async () => {
  project = await makeProject();
  client = new MlflowClient({ trackingUri: project.trackingUri });
  await project.set("staging", "gate.accuracy.min", "0.85");
  await must("config", "set", "--secret", "--stack", "staging", "--", "gateSigningKey", signingKey);
  for (const stack of ["staging", "production"])
    await must("config", "set", "--stack", stack, "--", "gatePublicKey", publicKey);
});
afterAll(() => project?.remove());

const MODEL = "churn-model";
const version = (number: string) => getModelVersion(client, MODEL, number);
const alias = async (name: string) => (await getVersionByAlias(client, MODEL, name))?.version;
const lastEvent = async () => (await readHistory(client, MODEL)).at(-1);
const served = async (environment: "staging" | "production") =>
  HealthAnswer.parse(await (await fetch(`http://127.0.0.1:${project.ports[environment]}/health`)).json()).version;

async function must(...args: string[]): Promise<string> {
  const { exitCode, output } = await project.pulumi(...args);
  expect(exitCode, output).toBe(0);
  return output;
}
async function promote(number: string) {
  await project.set("production", "promotion.version", number);
  return project.up("production");
}
/** Calls production 200 times a second meanwhile. */
async function underLoad<Result>(work: () => Promise<Result>): Promise<Result> {
  const callers = callersOf(`http://127.0.0.1:${project.ports.production}`);
  let result: Result;
  try {
    result = await work();
  } finally {
    const { sent, failed } = await callers.stop();
    expect(sent).toBeGreaterThan(200);
    if (failed.length > 0) console.log(`${failed.length} of ${sent} requests failed: ${failed.join(", ")}`);
    expect(failed.length, failed.join(", ")).toBeLessThanOrEqual(allowedPerSwitch());
  }
  return result;
}

it("judges, verifies and marks version 1 of an emptied registry again", async () => {
  expect((await project.up("staging")).exitCode).toBe(0);
  const { runId } = await version("1");
  await client.call("DELETE", "mlflow/registered-models/delete", { body: { name: MODEL } });
  // The same model: neither its files' digest nor its number tells it from the one that was judged.
  await project.set("staging", "training.params.maxIterations", "1000");
  const { exitCode, output } = await project.up("staging");
  expect(exitCode, output).toBe(0);
  const again = await version("1");
  expect(again.runId).not.toBe(runId);
  expect(readGateEvidence(again)).toMatchObject({ verdict: "passed" });
  expect(readDeploymentEvidence(again, "staging")).toMatchObject({ verdict: "passed" });
  expect(await alias("staging")).toBe("1");
});

it("signed passes; forged tags and another policy than the signed one are refused", async () => {
  expect(await promote("1")).toMatchObject({ exitCode: 0 });
  await project.set("staging", "training.params.C", "0.1");
  expect((await project.up("staging")).exitCode).toBe(0);
  const { tags } = await version("2");
  for (const [tag, forged, reason] of [
    ["gate.policy_sha256", "0".repeat(64), /policy: \w+ was signed/],
    ["gate.attestation", "", "signature: the gate's verdict is not signed"],
  ] as const) {
    await setVersionTags(client, { name: MODEL, version: "2" }, { [tag]: forged });
    const { exitCode, output } = await promote("2");
    expect(exitCode, output).toBe(1);
    expect(output).toMatch(reason);
    expect(await served("production")).toBe("1");
    await setVersionTags(client, { name: MODEL, version: "2" }, { [tag]: tags[tag] ?? "" });
  }
});

it("promotes without a failed request", async () => {
  const { exitCode, output } = await underLoad(() => promote("2"));
  expect(exitCode, output).toBe(0);
  expect([await served("production"), await alias("production")]).toEqual(["2", "2"]);
});

it("a rollback whose update fails before anything has moved leaves the config as it was", async () => {
  await project.set("production", "service.maxLatencyMs", "0");
  const { exitCode, output } = await rollbackOf(project, "--yes");
  expect(exitCode, output).toBe(1);
  expect(output).toContain("service.maxLatencyMs must be more than 0");
  expect(output).toContain("Version 2 keeps serving, and promotion.version of stack production is unchanged");
  expect(await must("config", "get", "--path", "promotion.version", "--stack", "production")).toMatch(/^2$/m);
  await project.set("production", "service.maxLatencyMs", "100");
});

it("npm run rollback is back at the version before in 10 s without a failed request, and the history has it", async () => {
  const ran = await underLoad(() => rollbackOf(project, "--yes", "--reason", "complaints, see 12"));
  const { exitCode, output } = ran;
  expect(exitCode, output).toBe(0);
  expect(output).toContain("from  version 2, sha256 ");
  expect(output).toMatch(/to {4}version 1, sha256 \w{64}\n {6}in production from \S+ until \S+\n {6}gate passed on /);
  const seconds = secondsToServed(ran);
  const share = overload();
  console.log(
    `rollback: served ${seconds} s after the command started, on a machine with ${share.toFixed(1)} x the work it can do`,
  );
  expect(seconds).toBeLessThan(10 * share);
  expect([await served("production"), await alias("production")]).toEqual(["1", "1"]);
  // Staging serves it still.
  expect([await alias("staging"), (await version("2")).stage]).toEqual(["2", "Staging"]);
  expect(await lastEvent()).toMatchObject({
    kind: "rollback",
    from: "2",
    to: "1",
    who: "ada",
    why: "complaints, see 12; the gate passed it and staging verified it",
  });
});

it("a version that fails its check in production gets no callers: the previous one keeps serving, and the history has both", async () => {
  await project.set("production", "service.maxLatencyMs", "0.0001");
  const { exitCode, output } = await underLoad(() => promote("2"));
  expect(exitCode, output).toBe(1);
  expect(output).toContain("is not what was approved (churn-model version 2):\n");
  expect(output).toMatch(/latency: p95 [\d.]+ ms > 0.0001 ms allowed/);
  expect(output).toContain("As before, version 1 serves callers at");
  expect(output).toContain("the registry's Production is version 1");
  expect([await served("production"), await alias("production")]).toEqual(["1", "1"]);
  expect(await lastEvent()).toMatchObject({ kind: "failure", from: "1", to: "2" });
  await project.set("production", "service.maxLatencyMs", "100");
  expect(await promote("2")).toMatchObject({ exitCode: 0 });
  expect([await served("production"), await alias("production")]).toEqual(["2", "2"]);
});

it("a withdrawn version is refused by an update that changes nothing else, and rollback never goes to it", async () => {
  const ask = (...args: string[]) => commandIn(project, "deploy/withdraw.ts", "2", "--reason", "leaks names", ...args);
  const named = ["--stack", "production", "--engine", "embedded", "--cwd", project.folder];
  const unconfirmed = await ask(...named);
  expect(unconfirmed.exitCode, unconfirmed.output).toBe(1);
  expect(unconfirmed.output).toContain(
    `withdraw    churn-model version 2: leaks names\nregistry    ${project.trackingUri}\n`,
  );
  expect(unconfirmed.output).toContain("production  version 2\n");
  expect(await lastEvent()).toMatchObject({ kind: "promotion", to: "2" });
  expect(await ask(...named, "--yes")).toMatchObject({
    exitCode: 0,
    output: expect.stringContaining("npm run rollback -- --stack production"),
  });
  expect(await lastEvent()).toMatchObject({ kind: "withdrawal", to: "2", who: "ada", why: "leaks names" });
  const { exitCode, output } = await project.up("production");
  expect(exitCode, output).toBe(1);
  expect(output).toMatch(/it was withdrawn: leaks names \(by ada on \S+\)\. Roll back .*: npm run rollback/);
  expect(await served("production")).toBe("2");

  expect(await rollbackOf(project)).toMatchObject({
    exitCode: 1,
    output: expect.stringContaining("Add --yes to apply the changes above"),
  });
  expect(await served("production")).toBe("2");
  expect(await rollbackOf(project, "--yes")).toMatchObject({ exitCode: 0 });
  expect(await served("production")).toBe("1");
  const none = await rollbackOf(project, "--yes");
  expect(none.exitCode).toBe(1);
  expect(none.output).toContain("there is no version to go back to");
});

it("what was killed is started again by the next update, though nothing changed", async () => {
  const instanceOf = async (stack: string, name: string) => {
    const { deployment } = await project.state(stack);
    const found = deployment.resources.find(({ urn }) => urn.endsWith(`::${name}`));
    return Number(String(found?.outputs?.instance).split("@")[0]);
  };
  // As after a restart of the machine.
  process.kill(-(await instanceOf("staging", "mlflow-server")), "SIGKILL");
  process.kill(await instanceOf("production", "production-service"), "SIGKILL");
  for (const stack of ["staging", "production"]) {
    const { exitCode, output } = await project.up(stack);
    expect(exitCode, output).toBe(0);
  }
  expect([await served("production"), await alias("production")]).toEqual(["1", "1"]);
  for (const stack of ["staging", "production"]) {
    const again = await project.up(stack, "--expect-no-changes");
    expect(again.exitCode, again.output).toBe(0);
  }
});
