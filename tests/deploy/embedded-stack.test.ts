import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { json, serve } from "../helpers/http-server.ts";
import { PASSPHRASE, runEngine } from "../helpers/project.ts";

/** A production stack that the embedded engine manages, with an empty registry. */
async function embeddedStack() {
  const registry = await serve(({ path }, response) => {
    if (path.includes("registered-models/search")) return json(response, { registered_models: [] });
    json(response, { error_code: "RESOURCE_DOES_NOT_EXIST" }, 404);
  });
  const folder = await mkdtemp(join(tmpdir(), "embedded-stack-"));
  onTestFinished(async () => {
    await registry[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });
  const files = {
    "Pulumi.yaml": "name: model-promotion\nruntime: { name: nodejs, options: { typescript: false } }\n",
    "Pulumi.live.yaml": "config: { model-promotion:environment: production, model-promotion:modelName: churn }\n",
    "package.json": '{ "type": "module", "main": "index.js" }',
    "index.js": `export const trackingUri = "${registry.url}", modelName = "churn", url = "http://127.0.0.1:9";`,
  };
  for (const [file, text] of Object.entries(files)) await writeFile(join(folder, file), text);
  await symlink(resolve("node_modules"), join(folder, "node_modules"));
  const state = join(folder, "state");
  for (const args of [
    ["stack", "init", "live"],
    ["up", "--yes", "--skip-preview", "--stack", "live"],
  ]) {
    const { exitCode, output } = await runEngine(folder, state, ...args);
    expect(exitCode, output).toBe(0);
  }
  const rollback = () => {
    const args = ["deploy/rollback.ts", "--stack", "live", "--yes", "--engine", "embedded", "--cwd", folder];
    const env = { ...process.env, PULUMI_BACKEND_URL: `file://${state}`, PULUMI_CONFIG_PASSPHRASE: PASSPHRASE };
    return new Promise<string>((done) => {
      execFile(process.execPath, args, { env }, (_error, out, err) => done(out + err));
    });
  };
  return { state, rollback, requests: registry.requests };
}

/** An update as the CLI records it. */
const CLI = { "exec.kind": "cli", "pulumi.arch": "amd64", "pulumi.os": "linux", "pulumi.version": "v3.274.1" };

test("the embedded engine rolls back a stack that it manages, and rejects one that the Pulumi CLI updated last", async () => {
  const { state, rollback, requests } = await embeddedStack();
  // It gets as far as the registry, which has no version to go back to.
  expect(await rollback()).not.toContain("--engine embedded");
  const asked = requests.length;
  expect(asked).toBeGreaterThan(0);

  const history = join(state, ".pulumi/history/model-promotion/live");
  const [file = ""] = (await readdir(history)).filter((name) => name.endsWith(".history.json"));
  const update = JSON.parse(await readFile(join(history, file), "utf8"));
  await writeFile(join(history, file), JSON.stringify({ ...update, environment: CLI }));
  expect(await rollback()).toBe(
    "rollback: --engine embedded is not supported for stack live: the Pulumi CLI v3.274.1 made its last update, and the embedded engine is for " +
      "first tries, tests and closed networks. Omit the option: npm run rollback -- --stack live uses the CLI on PATH, else the npm package\n",
  );
  expect(requests).toHaveLength(asked);
}, 120_000);
