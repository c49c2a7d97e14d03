/**
 * Every way to fail before or at the start: the engine ends within its time, with a non-zero exit code and one error that
 * says what to do.
 */
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";
import { ENGINE, Workspace } from "../helpers/scenario.ts";

/** The slowest of them takes a second on a quiet machine. */
const LIMIT_MS = 30_000;
const UP = ["up", "--yes", "--skip-preview", "--stack", "test"];

interface Way {
  readonly what: string;
  readonly program?: string;
  /** Spoils something of a workspace whose stack `test` is there. */
  readonly spoil?: (workspace: Workspace) => void | Promise<void>;
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly exit?: number;
  readonly says: RegExp;
}

const stateFile = (workspace: Workspace, text: string) => writeFileSync(workspace.checkpoint, text);
const project = (workspace: Workspace, text: string) => workspace.write("Pulumi.yaml", text);
const withMain = (main: string) => (workspace: Workspace) =>
  project(workspace, `${workspace.read("Pulumi.yaml")}main: ${main}\n`);

/** A folder outside of every project: no SDK above it. */
function folderWithoutSdk(): string {
  const folder = mkdtempSync(join(tmpdir(), "no-sdk-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "index.ts"), "export const a = 1;\n");
  return folder;
}

async function run({ program = "export const a = 1;", spoil, args = UP, env }: Way) {
  const workspace = Workspace.program(program);
  onTestFinished(() => workspace.remove());
  await workspace.ok("stack", "init", "test");
  await spoil?.(workspace);
  return workspace.engine(args, env, LIMIT_MS);
}

const STACK_FRAME = /^\s+at .*[:(]/m;

describe("before anything is started", () => {
  const ways: readonly Way[] = [
    { what: "main is missing", spoil: withMain("nowhere/index.ts"), says: /project 'main'.*nowhere\/index\.ts/ },
    {
      what: "main is neither file nor folder",
      spoil: withMain("/dev/null"),
      says: /project 'main'.*\/dev\/null is neither a file nor a folder/,
    },
    {
      what: "the SDK is not installed beside main",
      spoil: (workspace) => withMain(join(folderWithoutSdk(), "index.ts"))(workspace),
      says: /@pulumi\/pulumi is not installed in .*no-sdk-.*npm install/,
    },
    {
      what: "the SDK is not installed beside main, in a preview",
      spoil: (workspace) => withMain(folderWithoutSdk())(workspace),
      args: ["preview", "--stack", "test"],
      says: /@pulumi\/pulumi is not installed in .*no-sdk-.*npm install/,
    },
    {
      what: "another runtime",
      spoil: (workspace) => project(workspace, "name: conformance\nruntime: python\n"),
      says: /runtime "python".*Pulumi CLI/,
    },
    { what: "no runtime", spoil: (workspace) => project(workspace, "name: conformance\n"), says: /no "runtime"/ },
    { what: "Pulumi.yaml is broken", spoil: (workspace) => project(workspace, "name: [x\n"), says: /Pulumi\.yaml:2:1/ },
    {
      what: "Pulumi.yaml is a folder",
      spoil: (workspace) => {
        rmSync(join(workspace.project, "Pulumi.yaml"));
        mkdirSync(join(workspace.project, "Pulumi.yaml"));
      },
      says: /the project file .*Pulumi\.yaml cannot be read: EISDIR/,
    },
    {
      what: "the stack's config is broken",
      spoil: (workspace) => workspace.write("Pulumi.test.yaml", "config: [x\n"),
      says: /Pulumi\.test\.yaml:2:1/,
    },
    {
      what: "the stack's config is a folder",
      spoil: (workspace) => {
        rmSync(join(workspace.project, "Pulumi.test.yaml"));
        mkdirSync(join(workspace.project, "Pulumi.test.yaml"));
      },
      says: /the stack config .*Pulumi\.test\.yaml cannot be read: EISDIR/,
    },
    {
      what: "the config is larger than a process can be given",
      spoil: (workspace) =>
        workspace.write("Pulumi.test.yaml", `config:\n  conformance:big: "${"x".repeat(300_000)}"\n`),
      says: /the program could not be started.*E2BIG.*keep large values in files/,
    },
    {
      what: "the state is cut off",
      spoil: (workspace) => stateFile(workspace, '{"version":3,'),
      says: /the checkpoint .*test\.json cannot be used: .*It was not changed/,
    },
    {
      what: "the state is of another release",
      spoil: (workspace) => stateFile(workspace, '{"version":99,"checkpoint":{}}'),
      says: /the checkpoint .*test\.json cannot be used: version 99/,
    },
    {
      what: "the state is a folder",
      spoil: (workspace) => {
        rmSync(workspace.checkpoint);
        mkdirSync(workspace.checkpoint);
      },
      says: /the checkpoint .*test\.json cannot be read: EISDIR/,
    },
    {
      what: "the state is a folder, and is to be destroyed",
      spoil: (workspace) => {
        rmSync(workspace.checkpoint);
        mkdirSync(workspace.checkpoint);
      },
      args: ["destroy", "--yes", "--skip-preview", "--stack", "test"],
      says: /the checkpoint .*test\.json cannot be read: EISDIR/,
    },
    {
      what: "the stack is locked",
      spoil: (workspace) => {
        const locks = join(workspace.state, ".pulumi/locks/organization/conformance/test");
        mkdirSync(locks, { recursive: true });
        writeFileSync(join(locks, "x.json"), '{"pid":1,"username":"somebody","hostname":"elsewhere"}');
      },
      says: /locked by 1 lock\(s\).*pulumi cancel.*somebody@elsewhere/s,
    },
    {
      what: "the passphrase is wrong",
      spoil: (workspace) => workspace.ok("config", "set", "--secret", "k", "v").then(() => undefined),
      env: { PULUMI_CONFIG_PASSPHRASE: "wrong" },
      says: /incorrect passphrase/,
    },
    {
      what: "the passphrase's file is missing",
      env: { PULUMI_CONFIG_PASSPHRASE: undefined, PULUMI_CONFIG_PASSPHRASE_FILE: "/nowhere/passphrase" },
      says: /unable to read PULUMI_CONFIG_PASSPHRASE_FILE: \/nowhere\/passphrase/,
    },
    { what: "no such stack", args: [...UP, "--stack", "gone"], exit: 6, says: /no stack named 'gone' found/ },
    {
      what: "the backend's folder is missing",
      env: { PULUMI_BACKEND_URL: "file:///nowhere/state" },
      says: /unable to open state directory \/nowhere\/state: it does not exist/,
    },
    {
      what: "the backend's folder is a file",
      env: { PULUMI_BACKEND_URL: `file://${import.meta.filename}` },
      says: /unable to open state directory .*failures\.test\.ts: it is not a folder/,
    },
    {
      what: "there is no room for the engine's socket",
      env: { TMPDIR: import.meta.filename },
      says: /ENOTDIR.*failures\.test\.ts/,
    },
  ];
  it.each(ways)("$what", { timeout: 2 * LIMIT_MS }, async (way) => {
    const { exit, stdout, stderr } = await run(way);
    expect(stderr).toMatch(way.says);
    expect(exit).toBe(way.exit ?? 1);
    expect(stderr.match(/error: /g)).toHaveLength(1);
    expect(stderr).not.toMatch(STACK_FRAME);
    expect(stdout).not.toContain("error");
  });
});

describe("while the program starts, the reason is printed once", () => {
  const ways: readonly Way[] = [
    { what: "a syntax error", program: "const = 1;", says: /SyntaxError/ },
    { what: "a missing import", program: 'import "./gone.ts";', says: /Cannot find module '\S+gone\.ts'/ },
    { what: "an exception", program: 'throw new Error("boo");', says: /Error: boo/ },
    { what: "a thrown text", program: 'throw "boo";', says: /boo/ },
    { what: "an unhandled rejection", program: 'Promise.reject(new Error("boo"));', says: /Error: boo/ },
    { what: "process.exit(3)", program: "process.exit(3);", says: /Program exited with non-zero exit code: 3/ },
    { what: "process.exit(0)", program: "process.exit(0);", says: /Program exited with/ },
    {
      what: "a kill",
      program: 'process.kill(process.pid, "SIGKILL"); await new Promise(() => {});',
      says: /Program was terminated by SIGKILL/,
    },
    {
      what: "options that Node does not know",
      spoil: (workspace) =>
        project(workspace, `${workspace.read("Pulumi.yaml").trimEnd()}\n    nodeargs: --no-such-flag\n`),
      says: /bad option: --no-such-flag.*Program exited with non-zero exit code: 9/s,
    },
  ];
  it.each(ways)("$what", { timeout: 2 * LIMIT_MS }, async (way) => {
    const { exit, stdout, stderr } = await run(way);
    expect(stdout).toMatch(way.says);
    expect(exit).toBe(1);
    expect(stderr).toBe("");
    expect(stdout.match(/error: /g)).toHaveLength(1);
    expect(stdout.match(new RegExp(way.says, "gs"))).toHaveLength(1);
  });

  it("a Node that an upgrade removes meanwhile", { timeout: 2 * LIMIT_MS }, async () => {
    const workspace = Workspace.program("export const a = 1;");
    onTestFinished(() => workspace.remove());
    await workspace.ok("stack", "init", "test");
    const node = join(workspace.root, "node");
    cpSync(process.execPath, node);
    workspace.write("remove.cjs", 'require("node:fs").rmSync(process.execPath);\n');
    const args = [`--require=${join(workspace.project, "remove.cjs")}`, ENGINE, ...UP];
    const options = { cwd: workspace.project, env: workspace.env(), timeout: LIMIT_MS };
    const { exit, stdout } = await promisify(execFile)(node, args, options).then(
      ({ stdout }) => ({ exit: 0, stdout }),
      ({ code, stdout }: { code: number | null; stdout: string }) => ({ exit: code, stdout }),
    );
    expect(exit).toBe(1);
    expect(stdout).toContain(`error: the program could not be started with ${node}: spawn ${node} ENOENT`);
  });
});
