/** A failure is printed once, without a stack trace. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { Workspace } from "../helpers/scenario.ts";

const program = `import { log } from "@pulumi/pulumi";
import { Thing } from "./thing.ts";
const fail = process.env.FAIL;
const t = new Thing("t", { label: "t", size: fail === "check" ? -1 : Number(process.env.SIZE ?? 0), fail: fail ?? "" });
if (fail === "warn") log.warn("be careful", t);
`;
const failing = `
const { provider: real } = await import("./cloud-real.ts");
const refuse = (method: string) => { throw new Error("the cloud refused to " + method, { cause: new Error("inner cause") }); };
export const provider = {
  ...real,
  diff: async (id: string, olds: never, news: { fail?: string }) => news.fail === "diff" ? refuse("diff") : real.diff(id, olds, news),
  read: async (id: string, props: never) => process.env.FAIL === "read" ? refuse("read") : real.read(id, props),
};
`;

let workspace: Workspace;
beforeAll(async () => {
  workspace = Workspace.program(program);
  workspace.write("cloud-real.ts", workspace.read("cloud.ts"));
  workspace.write("cloud.ts", failing);
  await workspace.ok("stack", "init", "test");
});
afterAll(() => workspace?.remove());

const run = (verb: string, env: NodeJS.ProcessEnv, ...args: string[]) =>
  workspace.engine([verb, "--yes", "--skip-preview", "--stack", "test", ...args], env);

it("is the same for every provider call", async () => {
  const seen: Record<string, string> = {};
  const note = async (name: string, verb: string, env: NodeJS.ProcessEnv) => {
    const { exit, stdout, stderr } = await run(verb, env);
    expect({ exit, stderr }).toEqual({ exit: 1, stderr: "" });
    seen[name] = stdout.replace(/\([\d.]+s\)|\d+s$/gm, "TIME");
  };
  await note("create", "up", { FAIL: "create" });
  expect((await run("up", {})).exit).toBe(0);
  await note("check", "up", { FAIL: "check" });
  await note("diff", "up", { FAIL: "diff" });
  await note("update", "up", { FAIL: "update", SIZE: "1" });
  await note("read", "refresh", { FAIL: "read" });
  const text = {
    create: "cloud refused to create t",
    check: "property size value -1 has a problem: must not be negative",
    diff: "the cloud refused to diff",
    update: "cloud refused to update thing-t",
    read: "the cloud refused to read",
  };
  for (const [name, message] of Object.entries(text)) {
    expect(seen[name]?.split(message), seen[name]).toHaveLength(2);
    expect(seen[name]?.match(/error: /g), seen[name]).toHaveLength(1);
    expect(seen[name]).not.toMatch(/^\s+at |inner cause|update failed/m);
    expect(seen[name]).toContain("    1 errored\n");
  }
  expect(seen.update).toBe(`Updating (test):
 ~  pulumi-nodejs:dynamic/conformance:Thing t updating TIME
 ~  pulumi-nodejs:dynamic/conformance:Thing t **updating failed** 1 error
    pulumi:pulumi:Stack conformance-test **failed**
Diagnostics:
  pulumi-nodejs:dynamic/conformance:Thing (t):
    error: cloud refused to update thing-t

Resources:
    1 unchanged
    1 errored

Duration: TIME

`);
});

it("has stack trace and cause with PULUMI_DEBUG", async () => {
  const { stdout } = await run("refresh", { FAIL: "read", PULUMI_DEBUG: "1" });
  expect(stdout).toMatch(/at refuse /);
  expect(stdout).toContain("[cause]: Error: inner cause");
});

it("a warning is also printed once", async () => {
  const { exit, stdout } = await run("up", { FAIL: "warn" });
  expect(exit).toBe(0);
  expect(stdout.split("warning: be careful")).toHaveLength(2);
});

it("the verdict stays an event of the JSON, for programs that read it", async () => {
  const { stdout } = await run("up", { FAIL: "update", SIZE: "1" }, "--json");
  expect(stdout).toContain("cloud refused to update thing-t");
  expect(stdout).toContain("update failed");
});
