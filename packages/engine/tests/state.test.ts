import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { homedir, hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { inTheClear } from "../properties/stored.ts";
import { blankState, type ResourceState } from "../resources/state.ts";
import { EMPTY_DEPLOYMENT, parseCheckpoint, restoreSnapshot } from "../state/checkpoint.ts";
import { CheckpointWriter } from "../state/checkpoint-text.ts";
import { backendFolder, Layout, parseStackName } from "../state/layout.ts";
import { removeLocks, takeLock } from "../state/lock.ts";
import { SnapshotManager } from "../state/snapshot-manager.ts";
import { NO_REASONS, type Step } from "../steps/step.ts";

const name = { project: "app", stack: "dev" };
const urn = (text: string) => `urn:pulumi:dev::app::a:b:C::${text}`;
const state = (text: string, more: Partial<ResourceState> = {}): ResourceState => ({
  ...blankState("a:b:C", urn(text)),
  custom: true,
  id: text,
  outputs: {},
  ...more,
});
const closed = () => {
  throw new Error("no secret here");
};
const text = (...resources: ResourceState[]) =>
  new CheckpointWriter("organization/app/dev", "salt", inTheClear).contents(resources, []).toString();
const read = (contents: string) => restoreSnapshot(parseCheckpoint(contents, "dev.json"), closed, "dev.json");

describe("a checkpoint", () => {
  it("reads as it was written", () => {
    const [a, b] = [state("a", { inputs: { x: [1] } }), state("b", { dependencies: [urn("a")], protect: true })];
    expect(read(text(a, b)).resources).toEqual([a, b]);
  });
  it("of a new stack is empty", () =>
    expect(parseCheckpoint('{"version":3,"checkpoint":{"stack":"organization/app/dev"}}', "f")).toEqual(
      EMPTY_DEPLOYMENT,
    ));
  it("puts references right after a rename", () => {
    const renamed = state("new", { aliases: [urn("old")] });
    expect(read(text(renamed, state("b", { dependencies: [urn("old")] }))).resources[1]?.dependencies).toEqual([
      urn("new"),
    ]);
  });
  it.each([
    ["cut short", (good: string) => good.slice(0, -20), "JSON"],
    ["no JSON", () => "nonsense", "JSON"],
    ["an unknown version", (good: string) => good.replace('"version":3', '"version":9'), "version 9 is not supported"],
    ["a foreign secrets provider", (good: string) => good.replace('"passphrase"', '"awskms"'), '"awskms"'],
    ["tampered with", (good: string) => good.replace(/"magic":"\w{8}/, '"magic":"00000000'), "tampering"],
    [
      "a resource that is not an object",
      (good: string) => good.replace('"resources":[', '"resources":[7,'),
      "resources[0]",
    ],
    ["a resource without URN", (good: string) => good.replace('"urn"', '"nru"'), "resources[0]"],
    [
      "a list that is none",
      (good: string) => good.replace(/"dependencies":\[[^\]]*\]/, '"dependencies":"x"'),
      "dependencies",
    ],
    [
      "a missing dependency",
      (good: string) => good.replace(/"dependencies":\["[^"]*"\]/, '"dependencies":["urn:x"]'),
      "urn:x",
    ],
    ["a duplicate", (good: string) => good.replace(/\{"urn":"[^"]*::b"/, `{"urn":"${urn("a")}"`), "duplicate"],
  ])("that is %s is rejected, and the error names the file", (_what, damage, reason) => {
    const good = text(state("a"), state("b", { dependencies: [urn("a")] }));
    const bad = damage(good);
    expect(bad).not.toBe(good);
    expect(() => read(bad)).toThrow(/dev\.json/);
    expect(() => read(bad)).toThrow(reason);
  });
  it("is rejected by name wherever it is truncated, and wherever a byte is not valid text", () => {
    const good = text(state("a"), state("b", { dependencies: [urn("a")] }));
    for (let i = 0; i < good.length; i++) {
      expect(() => read(good.slice(0, i))).toThrow(/dev\.json/);
      const flipped = `${good.slice(0, i)}\u0001${good.slice(i + 1)}`;
      expect(() => read(flipped)).toThrow(/dev\.json/);
    }
  });
});

describe("the snapshot manager", () => {
  const setup = (...base: ResourceState[]) => {
    const saved: { ids: string[]; pending: string[] }[] = [];
    const manager = new SnapshotManager({ resources: base, pendingOperations: [] }, async (resources, operations) => {
      saved.push({
        ids: resources.map(({ id }) => id),
        pending: operations.map(({ type, resource }) => `${type} ${resource.urn.split("::").at(-1)}`),
      });
    });
    const step = (op: Step["op"], old?: ResourceState, next?: ResourceState): Step => ({
      ...NO_REASONS,
      op,
      urn: urn("x"),
      old,
      new: next,
      internal: false,
    });
    return { manager, saved, step };
  };
  it("writes the intent before, and the result after", async () => {
    const { manager, saved, step } = setup(state("a"));
    const create = step("create", undefined, state("b"));
    await manager.begin(create);
    await manager.end(create, true);
    await manager.close();
    expect(saved).toEqual([
      { ids: ["a"], pending: ["creating b"] },
      { ids: ["b", "a"], pending: [] },
    ]);
  });
  it("has every result so far on the disk before the next provider call", async () => {
    const { manager, saved, step } = setup();
    const create = step("create", undefined, state("a"));
    await manager.begin(create);
    await manager.end(create, true);
    await manager.begin(step("create", undefined, state("b")));
    expect(saved.at(-1)).toEqual({ ids: ["a"], pending: ["creating b"] });
  });
  it("writes again at the end what could not be written", async () => {
    let isFull = false;
    let ids: string[] = [];
    const manager = new SnapshotManager({ resources: [], pendingOperations: [] }, async (resources) => {
      if (isFull) throw new Error("no space left on device");
      ids = resources.map(({ id }) => id);
    });
    const create: Step = {
      ...NO_REASONS,
      op: "create",
      urn: urn("a"),
      old: undefined,
      new: state("a"),
      internal: false,
    };
    await manager.begin(create);
    isFull = true;
    await manager.end(create, true);
    await expect(manager.close()).rejects.toThrow("no space left");
    isFull = false;
    await manager.close();
    expect(ids).toEqual(["a"]);
  });
  it("keeps the old state when an update fails", async () => {
    const old = state("a");
    const { manager, saved, step } = setup(old);
    const update = step("update", old, state("a", { inputs: { changed: true } }));
    await manager.begin(update);
    await manager.end(update, false);
    await manager.close();
    expect(saved.at(-1)).toEqual({ ids: ["a"], pending: [] });
  });
  it("keeps what was deleted before its replacement until that is there", async () => {
    const old = state("a");
    const { manager, saved, step } = setup(old);
    const deletion = step("delete-replaced", old);
    await manager.begin(deletion);
    old.pendingReplacement = true;
    await manager.end(deletion, true);
    await manager.close();
    expect(saved.at(-1)?.ids).toEqual(["a"]);
    const creation = step("create-replacement", old, state("new"));
    await manager.begin(creation);
    await manager.end(creation, true);
    await manager.close();
    expect(saved.at(-1)?.ids).toEqual(["new"]);
  });
  it("writes once for what has not changed, at the end", async () => {
    const olds = ["a", "b", "c"].map((id) => state(id));
    const { manager, saved, step } = setup(...olds);
    for (const old of olds) await manager.end(step("same", old, { ...old }), true);
    expect(saved).toEqual([]);
    await manager.close();
    expect(saved).toHaveLength(1);
  });
  it("lets steps that wait together share a write", async () => {
    const { manager, saved, step } = setup();
    await Promise.all(["a", "b", "c", "d"].map((id) => manager.begin(step("create", undefined, state(id)))));
    expect(saved).toHaveLength(1);
    expect(saved[0]?.pending).toHaveLength(4);
  });
});

describe("locks", () => {
  let layout: Layout;
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "engine-lock-"));
    layout = new Layout(folder);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("stop a second update, and go when they are released", () => {
    const lock = takeLock(layout, name);
    expect(() => takeLock(layout, name)).toThrow(/currently locked by 1 lock.*pulumi cancel/s);
    lock.release();
    takeLock(layout, name).release();
    expect(readdirSync(layout.locks(name))).toEqual([]);
  });
  it("of a process that has exited are recognized, and cancel removes them", () => {
    mkdirSync(layout.locks(name), { recursive: true });
    writeFileSync(
      join(layout.locks(name), "x.json"),
      JSON.stringify({ pid: 2 ** 30, hostname: hostname(), username: "me", timestamp: "then" }),
    );
    expect(() => takeLock(layout, name)).toThrow("the lock is stale");
    expect(removeLocks(layout, name)).toBe(1);
    takeLock(layout, name).release();
  });
});

describe("names", () => {
  it("of stacks may be full", () => {
    expect(parseStackName("dev", "app")).toEqual(name);
    expect(parseStackName("organization/app/dev", undefined)).toEqual(name);
    expect(() => parseStackName("dev", undefined)).toThrow("there is no Pulumi.yaml in this folder or above it");
    expect(() => parseStackName("elsewhere/app/dev", "app")).toThrow("organization name must be 'organization'");
    expect(() => parseStackName("../../etc", "app")).toThrow("organization");
    expect(() => parseStackName("..%2F", "app")).toThrow("is not a stack name");
    expect(() => parseStackName("organization/../dev", "app")).toThrow("is not a project name");
  });
  it("of backends are file URLs", () => {
    expect(backendFolder("file:///tmp/a%20b")).toBe("/tmp/a b");
    expect(backendFolder("file://~/state")).toBe(join(homedir(), "state"));
    expect(() => backendFolder("s3://bucket")).toThrow("requires the Pulumi CLI");
    expect(() => backendFolder(undefined)).toThrow("PULUMI_BACKEND_URL");
  });
});
