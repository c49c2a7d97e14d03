import { readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { manifestsOf } from "../../../infra/render/render-stack.ts";
import { type FreshNameInputs, freshName, provider } from "../../../infra/targets/kubernetes/fresh-name-provider.ts";
import { REPOSITORY, Workspace } from "../../engine/helpers/scenario.ts";
import { askedOf, EVERYTHING, ROUTED, TRAINER_IMAGE } from "./render.ts";

/** Objects of a cluster are files by name, with their content. Pods of content "bad" do not start; pods without their object do not either. */
const CLUSTER = `
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
const file = (name) => join(process.env.CLOUD_DIR, name);
const start = (name) => {
  if (readFileSync(file(name), "utf8") === "bad") throw new Error("pods do not start");
};
export const configMap = {
  diff: async (_id, olds, { name, text }) => ({ changes: olds.name !== name || olds.text !== text, replaces: ["name"] }),
  create: async (inputs) => {
    if (existsSync(file(inputs.name))) throw new Error('configmaps "' + inputs.name + '" already exists');
    writeFileSync(file(inputs.name), inputs.text);
    return { id: inputs.name, outs: inputs };
  },
  delete: async (id) => rmSync(file(id)),
};
export const deployment = {
  diff: async (_id, olds, news) => ({ changes: olds.config !== news.config }),
  create: async (inputs) => (start(inputs.config), { id: "pods", outs: inputs }),
  update: async (_id, _olds, news) => (start(news.config), { outs: news }),
};
`;

const program = (text: string) => `
import * as pulumi from "@pulumi/pulumi";
import { FreshName } from ${JSON.stringify(join(REPOSITORY, "infra/targets/kubernetes/fresh-name.ts"))};
import { hashOf } from ${JSON.stringify(join(REPOSITORY, "infra/targets/kubernetes/hashed-config.ts"))};
const lazy = (kind) => ({
  diff: async (...args) => (await import("./cluster.ts"))[kind].diff(...args),
  create: async (...args) => (await import("./cluster.ts"))[kind].create(...args),
  update: async (...args) => (await import("./cluster.ts"))[kind].update(...args),
  delete: async (...args) => (await import("./cluster.ts"))[kind].delete?.(...args),
});
class Kind extends pulumi.dynamic.Resource {
  constructor(kind, name, props) { super(lazy(kind), name, props, undefined, "test", kind); }
}
const text = ${JSON.stringify(text)};
const place = { namespaceName: "ml", settings: { clusterIdentifier: "cluster" } };
const { name } = new FreshName("config-name", { content: "config-" + hashOf({ text }) }, place);
const config = new Kind("configMap", "config", { name, text });
export const used = config.id;
new Kind("deployment", "pods", { config: config.id });
`;

let workspace: Workspace;
beforeEach(() => {
  workspace = Workspace.program(program("good"));
  workspace.write("cluster.ts", CLUSTER);
  for (const folder of ["infra", "dynamic"]) symlinkSync(join(REPOSITORY, folder), join(workspace.project, folder));
});
afterEach(() => workspace.remove());

test("an update that failed can be taken back: its object neither collides nor is deleted with the one before", async () => {
  const up = (text: string) => {
    workspace.write("index.ts", program(text));
    return workspace.engine(["up", "--yes", "--skip-preview", "--stack", "test"]);
  };
  await workspace.ok("stack", "init", "test");
  expect(await up("good")).toMatchObject({ exit: 0 });
  const [first] = readdirSync(workspace.cloud);
  const failed = await up("bad");
  expect(failed.exit).not.toBe(0);
  expect(failed.stdout + failed.stderr).toContain("pods do not start");
  // The object before waits in the state to be deleted: pods use it.
  expect(readdirSync(workspace.cloud)).toContain(first);

  const back = await up("good");
  expect(back.stdout + back.stderr).not.toContain("already exists");
  expect(back.exit).toBe(0);
  const used = JSON.parse(await workspace.ok("stack", "output", "--json", "--stack", "test")).used as string;
  expect(readdirSync(workspace.cloud)).toEqual([used]);
  expect(readFileSync(join(workspace.cloud, used), "utf8")).toBe("good");
  expect(used).not.toBe(first);

  expect((await up("good")).stdout).toMatch(/\n\s+4 unchanged/);
  expect(await up("bad")).toMatchObject({ exit: failed.exit });
  expect(await up("good")).toMatchObject({ exit: 0 });
}, 120_000);

test("an upgrade from a release that named objects by their content previews and does nothing but the name", async () => {
  const before = program("good").replace(
    /const { name } = new FreshName.*/,
    'const name = "config-" + hashOf({ text });',
  );
  expect(before).not.toContain("new FreshName");
  workspace.write("index.ts", before);
  await workspace.ok("stack", "init", "test");
  await workspace.ok("up", "--yes", "--skip-preview", "--stack", "test");
  workspace.write("index.ts", program("good"));
  expect(await workspace.ok("preview", "--stack", "test")).toMatch(/\+ 1 to create\n\s+3 unchanged/);
  expect(await workspace.ok("up", "--yes", "--skip-preview", "--stack", "test")).toMatch(
    /\+ 1 created\n\s+3 unchanged/,
  );
}, 120_000);

const inputs = (more: Partial<FreshNameInputs> = {}): FreshNameInputs => ({
  ...{ content: "config-0123456789", name: "config-0123456789", where: "cluster/ml", ...more },
});

test("the first name is the content's, so that a stack of an earlier release keeps its objects", async () => {
  expect((await provider.create(inputs())).outs.name).toBe("config-0123456789");
});

test("every further name is new, of the same form and length", () => {
  const names = [1, 2, 3].map(() => freshName("config-0123456789"));
  expect(new Set(names).size).toBe(3);
  for (const name of names) expect(name).toMatch(/^config-[0-9a-f]{10}$/);
});

test.each([
  ["the same", {}, false],
  ["other content", { content: "config-9876543210" }, true],
  ["another namespace", { where: "cluster/other" }, true],
  ["a spent object", { spent: ["config-0123456789"] }, true],
  ["another spent object", { spent: ["config-ffffffffff"] }, false],
])("%s: a fresh name is needed: %j", async (_what, more, changes) => {
  expect(await provider.diff("id", inputs(), inputs(more))).toEqual({ changes });
});

test("a spent object's name is not taken by a stack that did not name it itself", async () => {
  const spent = ["config-0123456789"];
  expect((await provider.create(inputs({ spent }))).outs.name).not.toBe("config-0123456789");
});

test("every object that is replaced under another name takes it from a resource of its own", async () => {
  const kubernetes = { ...ROUTED.kubernetes, training: { image: TRAINER_IMAGE } };
  const asked = [
    ...(await askedOf(EVERYTHING)),
    ...(await askedOf({ ...ROUTED, training: { runner: "job" }, kubernetes })),
  ];
  const fresh = asked.filter(({ type }) => type.endsWith(":FreshName")).map(({ inputs }) => inputs.name);
  const named = manifestsOf(asked).filter(({ metadata }) => /-[0-9a-f]{10}$/.test(metadata.name));
  expect([...new Set(named.map(({ kind }) => kind))].sort()).toEqual(["ConfigMap", "Job", "Secret"]);
  expect(fresh.sort()).toEqual(named.map(({ metadata }) => metadata.name).sort());
}, 60_000);
