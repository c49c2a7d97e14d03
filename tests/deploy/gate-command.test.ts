import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { run } from "./run-command.ts";

/** Runs the gate for a stack of a project in another folder, without a registry. */
async function runGate(min: unknown) {
  const cwd = await mkdtemp(join(tmpdir(), "commands-"));
  onTestFinished(() => rm(cwd, { recursive: true, force: true }));
  await cp("Pulumi.yaml", join(cwd, "Pulumi.yaml"));
  const gate = { "model-promotion:gate": { accuracy: { min } } };
  const registry = { "model-promotion:mlflow": { trackingUri: "http://127.0.0.1:9" } };
  const config = { "model-promotion:environment": "staging", ...registry, ...gate };
  await writeFile(join(cwd, "Pulumi.test.yaml"), JSON.stringify({ config }));
  return { cwd, ...(await run("training/gate/cli.ts", ["--version", "1", "--stack", "test", "--cwd", cwd], {})) };
}

test("gate resolves the stack's data in the project's folder", async () => {
  const { cwd, exitCode, err } = await runGate(0.5);
  expect(exitCode).toBe(3);
  expect(err).toContain(`on ${cwd}/training/data/churn/evaluation.csv with the policy in ${cwd}/Pulumi.test.yaml`);
});

test("gate rejects an encrypted bound, and names its key", async () => {
  const { exitCode, err } = await runGate({ secure: "v1:x" });
  expect(exitCode).toBe(3);
  expect(err).toContain("Pulumi.test.yaml: gate.accuracy.min is encrypted, and this command cannot decrypt it. ");
  expect(err).not.toContain("evaluating");
});
