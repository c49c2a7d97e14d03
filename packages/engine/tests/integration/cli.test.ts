/**
 * The verbs with a real program: output, stored state and rejected input.
 */
import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ENGINE, Workspace } from "../helpers/scenario.ts";

const TIMEOUT = 300_000;
const up = ["up", "--yes", "--skip-preview", "--stack", "test"];
const head =
  'import * as pulumi from "@pulumi/pulumi";\nimport * as command from "@pulumi/command";\nimport { Thing } from "./thing.ts";\n';

async function prepared(program: string, more = ""): Promise<Workspace> {
  const workspace = Workspace.program(head + program, more);
  await workspace.ok("stack", "init", "test");
  return workspace;
}

describe("unsupported features are rejected by name", () => {
  let workspace: Workspace;
  beforeAll(async () => {
    workspace = await prepared("");
  }, TIMEOUT);
  afterAll(() => workspace.remove());

  it.each([
    [["up", "--continue-on-error"], "--continue-on-error"],
    [["watch"], "pulumi watch"],
    [["stack", "graph"], "pulumi stack graph"],
    [["preview", "--policy-pack", "x"], "--policy-pack"],
  ])("%j", { timeout: TIMEOUT }, async (args, named) => {
    const { exit, stderr } = await workspace.engine(args);
    expect(exit).not.toBe(0);
    expect(stderr).toContain(named);
    expect(stderr).toMatch(/requires the Pulumi CLI.*npm install/);
  });

  it.each([
    ["another provider", 'new pulumi.CustomResource("aws:s3/bucket:Bucket", "b", {});', 'The provider "aws"'],
    [
      "a function",
      'export const x = await pulumi.runtime.invoke("aws:index/getRegion:getRegion", {});',
      "aws:index/getRegion",
    ],
    ["an unknown built-in type", 'new pulumi.CustomResource("pulumi:index:Other", "o", {});', "pulumi:index:Other"],
    ["an import", 'new Thing("a", { label: "x" }, { import: "id" });', '"import"'],
  ])("%s", { timeout: TIMEOUT }, async (_what, program, named) => {
    workspace.write("index.ts", head + program);
    const { exit, stdout } = await workspace.engine(up);
    expect(exit).toBe(1);
    expect(stdout).toContain(named);
    expect(stdout).toContain("requires the Pulumi CLI");
  });

  it("missing stacks, backends and flags are reported", { timeout: TIMEOUT }, async () => {
    expect((await workspace.engine(["preview", "--stack", "gone"])).exit).toBe(6);
    expect(await workspace.engine(["stack", "output"], { PULUMI_STACK: "gone-too" })).toMatchObject({
      exit: 6,
      stderr: expect.stringContaining("gone-too"),
    });
    expect(await workspace.engine(["up", "--stack", "test"])).toMatchObject({
      exit: 2,
      stderr: expect.stringContaining("--yes"),
    });
    expect(await workspace.engine(["preview"], { PULUMI_BACKEND_URL: "s3://bucket" })).toMatchObject({
      exit: 1,
      stderr: expect.stringContaining("s3://bucket"),
    });
    expect(await workspace.engine([...up, "--parallel", "0"])).toMatchObject({
      exit: 1,
      stderr: expect.stringContaining("--parallel"),
    });
  });
});

describe("secrets", () => {
  it("are never printed, not even by failing providers and commands", { timeout: TIMEOUT }, async () => {
    const secret = "hunter2-of-the-night";
    const workspace = await prepared(
      `const token = new pulumi.Config().requireSecret("token");
       console.log("the program says", process.env.PULUMI_CONFIG);
       const shown = new command.local.Command("shown", { create: "echo $T; echo $T >&2", environment: { T: token } }, { additionalSecretOutputs: ["stdout", "stderr"] });
       // One at a time: the first failure starts nothing more.
       if (process.env.FAILING !== "provider") new command.local.Command("fails", { create: "echo about $T; exit 3", environment: { T: token } }, { dependsOn: [shown] });
       if (process.env.FAILING !== "command") new Thing("thing", { label: token, fail: "create" });
       export const out = token;`,
    );
    try {
      await workspace.ok("config", "set", "--secret", "token", secret);
      for (const [args, FAILING, shown] of [
        [["preview", "--diff", "--stack", "test"], "", "the program says"],
        [["preview", "--json", "--stack", "test"], "", "the program says"],
        [[...up, "--json"], "command", "about [secret]"],
        [[...up, "--json"], "provider", "cloud refused to create [secret]"],
        [up, "command", "about [secret]"],
        [up, "provider", "cloud refused to create [secret]"],
      ] as const) {
        const { stdout, stderr } = await workspace.engine(args, { FAILING });
        expect(stdout).toContain(shown);
        expect(stdout + stderr).not.toContain(secret);
      }
      const state = readFileSync(workspace.checkpoint, "utf8");
      expect(state).not.toContain(secret);
      expect(workspace.read("Pulumi.test.yaml")).not.toContain(secret);
      expect(await workspace.ok("config")).toContain("[secret]");
      expect(await workspace.ok("config", "get", "token")).toBe(`${secret}\n`);
      const wrong = await workspace.engine(up, { PULUMI_CONFIG_PASSPHRASE: "wrong" });
      expect(wrong).toMatchObject({ exit: 1, stderr: expect.stringContaining("incorrect passphrase") });
      expect(readFileSync(workspace.checkpoint, "utf8")).toBe(state);
    } finally {
      workspace.remove();
    }
  });
});

describe("config", () => {
  it("is set, shown and removed, with defaults and types from Pulumi.yaml", { timeout: TIMEOUT }, async () => {
    const declared = "config:\n  port:\n    type: integer\n    default: 80\n  name:\n    type: string\n";
    const workspace = await prepared(
      'const c = new pulumi.Config();\nexport const all = [c.require("name"), c.requireNumber("port")];',
      declared,
    );
    try {
      const missing = await workspace.engine(up);
      expect(missing).toMatchObject({ exit: 1, stderr: expect.stringContaining("missing configuration value 'name'") });
      await workspace.ok("config", "set", "--path", "gate.checks[0].min", "1");
      expect(await workspace.json("config", "--json")).toMatchObject({
        "conformance:gate": { objectValue: { checks: [{ min: 1 }] }, secret: false },
        "conformance:port": { value: "80" },
      });
      await workspace.ok(...up, "-c", "name=given");
      expect(await workspace.json("stack", "output", "--json")).toEqual({ all: ["given", 80] });
      expect(await workspace.ok("config", "get", "name")).toBe("given\n");
      await workspace.ok("config", "set", "port", "x");
      expect((await workspace.engine(up)).stderr).toContain("must be of type 'integer'");
      // A refresh runs no program, which alone minds.
      await workspace.ok("refresh", "--yes", "--skip-preview", "--stack", "test");
      await workspace.ok("config", "rm", "gate");
      expect(Object.keys(await workspace.json<object>("config", "--json"))).not.toContain("conformance:gate");
      writeFileSync(join(workspace.root, "other.yaml"), "config:\n  conformance:name: other\n");
      await workspace.ok(...up, "--config-file", join(workspace.root, "other.yaml"));
      expect(await workspace.ok("stack", "output", "all")).toBe('["other",80]\n');
    } finally {
      workspace.remove();
    }
  });
});

describe("the life of a stack", () => {
  it("is created, referred to, exported, imported, destroyed and removed", {
    timeout: TIMEOUT,
  }, async () => {
    const workspace = await prepared(
      `if (pulumi.getStack() === "test") new Thing("a", { label: "alpha" });
       const other = pulumi.getStack() === "test" ? undefined : new pulumi.StackReference("organization/conformance/test");
       export const answer = other ? other.requireOutput("answer") : pulumi.secret({ of: 42 });`,
    );
    try {
      const first = await workspace.engine([...up, "--expect-no-changes", "--json"]);
      expect(first.exit).toBe(7);
      // A document a line, an event each, in order.
      const events = first.stdout.split("\n").filter((line) => line !== "");
      expect(events.map((line) => JSON.parse(line).sequence)).toEqual([...events.keys()]);
      expect(JSON.parse(events.at(-2) ?? "")).toMatchObject({
        summaryEvent: { resourceChanges: { create: 2 }, result: "succeeded" },
      });
      expect(events.filter((line) => line.includes('"resOutputsEvent"') && line.includes("thing-alpha"))).toHaveLength(
        1,
      );
      await workspace.ok(...up, "--expect-no-changes");
      await workspace.ok("preview", "--expect-no-changes", "--refresh", "--stack", "test");
      await workspace.ok("stack", "init", "second", "--no-select");
      await workspace.ok("up", "--yes", "--stack", "second");
      expect(await workspace.json("stack", "output", "--json", "--stack", "second")).toEqual({ answer: "[secret]" });
      expect(
        await workspace.json("stack", "output", "answer", "--json", "--show-secrets", "--stack", "second"),
      ).toEqual({ of: 42 });
      expect(await workspace.json("stack", "ls", "--json")).toMatchObject([
        { name: "second", current: false },
        { name: "test", current: true, resourceCount: 3 },
      ]);
      const exported = await workspace.ok("stack", "export", "--show-secrets");
      const file = join(workspace.root, "export.json");
      writeFileSync(file, exported);
      await workspace.ok("stack", "import", "--file", file);
      await workspace.ok("preview", "--expect-no-changes", "--stack", "test");
      expect(await workspace.json("stack", "history", "--json", "--page-size", "1")).toMatchObject([
        { kind: "update", result: "succeeded" },
      ]);
      const refused = await workspace.engine(["stack", "rm", "test", "--yes"]);
      expect(refused).toMatchObject({ exit: 1, stderr: expect.stringContaining("still has resources") });
      await workspace.ok("destroy", "--yes", "--remove", "--stack", "test");
      expect(existsSync(workspace.checkpoint)).toBe(false);
      expect(workspace.journal()).toEqual(["create thing-alpha", "read thing-alpha found", "delete thing-alpha"]);
    } finally {
      workspace.remove();
    }
  });

  it("after Ctrl-C, operations in flight finish and nothing new starts", { timeout: TIMEOUT }, async () => {
    const workspace = await prepared(
      `const slow = new command.local.Command("slow", { create: "echo begun > begun; sleep 2; echo done" });
       new command.local.Command("next", { create: "echo next > next" }, { dependsOn: [slow] });`,
    );
    try {
      const args = [ENGINE, ...up];
      const child = spawn(process.execPath, args, { cwd: workspace.project, env: workspace.env(), stdio: "pipe" });
      let output = "";
      child.stdout.on("data", (chunk) => {
        output += chunk;
      });
      const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
      for (let i = 0; i < 1_200 && !existsSync(join(workspace.project, "begun")); i++)
        await new Promise((r) => setTimeout(r, 100));
      const locked = await workspace.engine(up);
      expect(locked).toMatchObject({ exit: 1, stderr: expect.stringContaining("currently locked") });
      child.kill("SIGINT");
      expect(await ended).toBe(1);
      expect(output).toContain("update canceled");
      expect(existsSync(join(workspace.project, "next"))).toBe(false);
      const { deployment } = await workspace.json<{ deployment: { resources: { urn: string }[] } }>("stack", "export");
      expect(deployment.resources.map(({ urn }) => urn.split("::").at(-1))).toContain("slow");
      await workspace.ok(...up);
      expect(existsSync(join(workspace.project, "next"))).toBe(true);
    } finally {
      workspace.remove();
    }
  });
});

describe("a damaged state", () => {
  it("is rejected by name and never overwritten", { timeout: TIMEOUT }, async () => {
    const workspace = await prepared("");
    try {
      await workspace.ok(...up);
      const damaged = readFileSync(workspace.checkpoint, "utf8").slice(0, -30);
      writeFileSync(workspace.checkpoint, damaged);
      for (const args of [
        up,
        ["preview", "--stack", "test"],
        ["destroy", "--yes", "--stack", "test"],
        ["stack", "output"],
      ]) {
        const { exit, stderr } = await workspace.engine(args);
        expect(exit).not.toBe(0);
        expect(stderr).toContain("test.json");
      }
      expect(readFileSync(workspace.checkpoint, "utf8")).toBe(damaged);
    } finally {
      workspace.remove();
    }
  });
});
