import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, onTestFinished, test } from "vitest";

const USAGE =
  "usage: npm run quickstart -- [--verbose] [--engine embedded|pulumi] [--mlflow-port N] [--staging-port N] [--production-port N]\n";

test.each([
  [
    "--down reports that there is nothing to remove",
    "start.mjs",
    "--down",
    0,
    "There is nothing to remove: no .quickstart here.\n",
  ],
  ["--help prints the usage", "start.mjs", "--help", 0, USAGE],
  ["an invalid option prints the usage", "run.ts", "--engine=x", 1, `must be embedded or pulumi, got x\n${USAGE}`],
])("in a folder without packages, %s and installs and runs nothing", (_what, script, option, status, said) => {
  const cwd = mkdtempSync(join(tmpdir(), "quickstart-"));
  onTestFinished(() => rmSync(cwd, { recursive: true }));
  const ran = spawnSync(process.execPath, [resolve("quickstart", script), option], { cwd, encoding: "utf8" });
  expect(ran.status).toBe(status);
  expect((ran.stdout + ran.stderr).slice(-said.length)).toBe(said);
  expect(readdirSync(cwd)).toEqual([]);
});

/** Runs whichever npm this machine has, in this project. */
const npm = (...args: string[]) => {
  // As in a terminal. Under an npm script, npm passes its settings down in variables.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));
  return spawnSync("npm", args, { encoding: "utf8", env });
};

test("npm prints no warnings when it runs a command of this project", () => {
  const { stdout, stderr } = npm("run");
  expect(stdout).toContain("quickstart");
  expect(stderr).toBe("");
});

test("npm tells the install script of onnxruntime-node to download nothing", () => {
  expect(npm("config", "get", "onnxruntime-node-install").stdout.trim()).toBe("skip");
});
