import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";

/** The machine's npm, whichever it is, in this project. */
const npm = (...args: string[]) => {
  // As in a terminal: a run of npm hands its own settings down by variables.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));
  return spawnSync("npm", args, { encoding: "utf8", env });
};

test("npm says nothing of its own at a command of this project", () => {
  const { stdout, stderr } = npm("run");
  expect(stdout).toContain("quickstart");
  expect(stderr).toBe("");
});

test("an npm that runs install scripts tells onnxruntime-node's to download nothing", () => {
  expect(npm("config", "get", "onnxruntime-node-install").stdout.trim()).toBe("skip");
});
