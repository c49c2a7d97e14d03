import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { manifestsOf } from "../../../infra/render/render-stack.ts";
import { type FreshNameInputs, freshName, provider } from "../../../infra/targets/kubernetes/fresh-name-provider.ts";
import { runEngine } from "../../helpers/project.ts";
import { askedOf, EVERYTHING, ROUTED, TRAINER_IMAGE } from "./render.ts";

const REPOSITORY = resolve(import.meta.dirname, "../../..");

/** Objects of a cluster are files by name, with their content. Pods do not start if the content is "bad" or the object is missing. */
const CLUSTER = `
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
const file = (name) => join("cluster", name);
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
const scope = { namespaceName: "ml", settings: { clusterIdentifier: "cluster" } };
const { name } = new FreshName("config-name", { content: "config-" + hashOf({ text }) }, scope);
const config = new Kind("configMap", "config", { name, text });
export const used = config.id;
new Kind("deployment", "pods", { config: config.id });
`;

let folder: string;
const write = (file: string, text: string) => writeFileSync(join(folder, file), text);
const objects = () => readdirSync(join(folder, "cluster"));
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fresh-name-"));
  mkdirSync(join(folder, "cluster"));
  write("Pulumi.yaml", "name: fresh\nruntime: { name: nodejs, options: { typescript: false } }\n");
  write("package.json", '{ "type": "module", "main": "index.ts" }');
  write("cluster.ts", CLUSTER);
  write("index.ts", program("good"));
  for (const name of ["infra", "dynamic", "node_modules"]) symlinkSync(join(REPOSITORY, name), join(folder, name));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const engine = (...args: string[]) => runEngine(folder, join(folder, "state"), ...args, "--stack", "test");
const must = async (...args: string[]) => {
  const { exitCode, output } = await engine(...args);
  expect(exitCode, output).toBe(0);
  return output;
};

test("a failed update can be reverted: its object neither collides nor is deleted with the former one", async () => {
  const up = (text: string) => {
    write("index.ts", program(text));
    return engine("up", "--yes", "--skip-preview");
  };
  await must("stack", "init");
  expect(await up("good")).toMatchObject({ exitCode: 0 });
  const [first] = objects();
  const failed = await up("bad");
  expect(failed.exitCode).not.toBe(0);
  expect(failed.output).toContain("pods do not start");
  // The former object is pending deletion in the state, but pods use it.
  expect(objects()).toContain(first);

  const back = await up("good");
  expect(back.output).not.toContain("already exists");
  expect(back.exitCode).toBe(0);
  const used = JSON.parse(await must("stack", "output", "--json")).used as string;
  expect(objects()).toEqual([used]);
  expect(readFileSync(join(folder, "cluster", used), "utf8")).toBe("good");
  expect(used).not.toBe(first);

  expect((await up("good")).output).toMatch(/\n\s+4 unchanged/);
  expect(await up("bad")).toMatchObject({ exitCode: failed.exitCode });
  expect(await up("good")).toMatchObject({ exitCode: 0 });
}, 120_000);

test("an upgrade from a release that named objects by their content only adds the name", async () => {
  const before = program("good").replace(
    /const { name } = new FreshName.*/,
    'const name = "config-" + hashOf({ text });',
  );
  expect(before).not.toContain("new FreshName");
  write("index.ts", before);
  await must("stack", "init");
  await must("up", "--yes", "--skip-preview");
  write("index.ts", program("good"));
  expect(await must("preview")).toMatch(/\+ 1 to create\n\s+3 unchanged/);
  expect(await must("up", "--yes", "--skip-preview")).toMatch(/\+ 1 created\n\s+3 unchanged/);
}, 120_000);

const inputs = (more: Partial<FreshNameInputs> = {}): FreshNameInputs => ({
  content: "config-0123456789",
  name: "config-0123456789",
  where: "cluster/ml",
  ...more,
});

test("the first name is derived from the content, so that stacks of earlier releases keep their objects", async () => {
  expect((await provider.create(inputs())).outs.name).toBe("config-0123456789");
});

test("every further name is new, with the same format and length", () => {
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

test("a stack does not reuse a former object's name that it did not create", async () => {
  const spent = ["config-0123456789"];
  expect((await provider.create(inputs({ spent }))).outs.name).not.toBe("config-0123456789");
});

test("every object that is replaced under a new name has its own FreshName", async () => {
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
