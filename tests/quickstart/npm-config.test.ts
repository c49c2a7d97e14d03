import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";

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
