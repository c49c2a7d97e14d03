import { execFile } from "node:child_process";
import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { json, serve } from "../helpers/http-server.ts";

/** Runs the command with a fake Pulumi CLI that records its calls, and a registry in which only the stage names a version. */
async function rollback(modelName: string) {
  const held = { name: "churn-model", latest_versions: [{ version: "6", current_stage: "Production" }] };
  await using registry = await serve(({ path }, response) => {
    if (path.includes("registered-models/search")) return json(response, { registered_models: [held] });
    json(response, { error_code: "RESOURCE_DOES_NOT_EXIST" }, 404);
  });
  const cwd = await mkdtemp(join(tmpdir(), "rollback-"));
  onTestFinished(() => rm(cwd, { recursive: true, force: true }));
  await cp("Pulumi.yaml", join(cwd, "Pulumi.yaml"));
  const config = `{ "model-promotion:environment": production, "model-promotion:modelName": ${modelName} }`;
  await writeFile(join(cwd, "Pulumi.live.yaml"), `config: ${config}`);
  const [bin, outputs, asked] = [join(cwd, "bin"), join(cwd, "outputs.json"), join(cwd, "asked")];
  await mkdir(bin);
  const known = { trackingUri: registry.url, modelName: "churn-model", url: "http://127.0.0.1:9" };
  await writeFile(outputs, JSON.stringify(known));
  const script = [
    "#!/bin/sh",
    `echo "$*" >> ${asked}`,
    `case "$1 $2" in "stack output") cat ${outputs};; "config get") echo churn-model;; esac`,
  ];
  await writeFile(join(bin, "pulumi"), script.join("\n"));
  await chmod(join(bin, "pulumi"), 0o755);
  const env = { ...process.env, PATH: [bin, process.env.PATH].join(delimiter) };
  const args = ["deploy/rollback.ts", "--stack", "live", "--yes", "--cwd", cwd];
  const output = await new Promise<string>((done) => {
    execFile(process.execPath, args, { env }, (_error, out, err) => done(out + err));
  });
  return { output, seen: registry.requests, ups: (await readFile(asked, "utf8")).match(/^up /gm) };
}

test("a config whose model was not brought up yet is refused before anything is planned or done", async () => {
  const { output, seen, ups } = await rollback("other-model");
  expect(output).toMatch(
    /^rollback: the config of stack live was changed since .* modelName is other-model, but the last update used churn-model\. Run /,
  );
  expect([seen, ups]).toEqual([[], null]);
});

test("reads an encrypted modelName from the engine, and distinguishes a lost history from a model that was never in production", async () => {
  const { output } = await rollback('{ secure: "v1:x" }');
  expect(output).toBe(
    "rollback: churn-model has no history, although the stage Production is held by version 6: it was promoted manually or before this project was in use, " +
      "or its history was lost. Name the version to go back to: npm run rollback -- --stack live --to <version>\n",
  );
});
