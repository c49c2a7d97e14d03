import { globSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import Module from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { type LazyProvider, storedProvider } from "../../dynamic/stored-provider.ts";

/** Evaluates the text as Pulumi's dynamic provider does. */
function revive(modulePath: string): LazyProvider {
  const source = new Module("");
  Reflect.apply(Reflect.get(source, "_compile"), source, [storedProvider(modulePath), ""]);
  return (source.exports as { handler(): LazyProvider }).handler();
}

/** Writes a module and returns its URL. */
async function moduleOf(source: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "lazy-provider-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, "provider.ts");
  await writeFile(file, source);
  return pathToFileURL(file).href;
}

test("stores the module's path and none of its code", async () => {
  const text = storedProvider("./registry/promotion-provider.ts");
  expect(text).toContain('"./registry/promotion-provider.ts"');
  expect(text).not.toMatch(/evaluateGuard|refusalText|MlflowClient|defineProvider/);
  expect(text).not.toContain(process.cwd());
  expect(text.length).toBeLessThan(5_000);
});

test("stores texts that differ only in the path", async () => {
  const [one, other] = [storedProvider("./one.ts"), storedProvider("./other.ts")];
  expect(other).toBe(one.replaceAll("./one.ts", "./other.ts"));
});

test("the first call reports a module that cannot be loaded", async () => {
  const provider = revive("./no/such/module.ts");
  await expect(provider.create({})).rejects.toThrow("no/such/module.ts");
});

test("forwards every call with its arguments", async () => {
  const url = await moduleOf(`const echo = (name: string) => async (...args: unknown[]) => ({ name, args });
    export const provider = Object.fromEntries(
      ["check", "diff", "create", "update", "read", "delete"].map((name) => [name, echo(name)]));`);
  const provider = revive(url);
  expect(await provider.check?.(1, 2)).toEqual({ name: "check", args: [1, 2] });
  expect(await provider.diff?.("id", 1, 2)).toEqual({ name: "diff", args: ["id", 1, 2] });
  expect(await provider.create(1)).toEqual({ name: "create", args: [1] });
  expect(await provider.update?.("id", 1, 2)).toEqual({ name: "update", args: ["id", 1, 2] });
  expect(await provider.read?.("id", 1)).toEqual({ name: "read", args: ["id", 1] });
});

test("accepts the inputs and keeps the state for a module without check and read", async () => {
  const provider = revive(await moduleOf("export const provider = {};"));
  expect(await provider.check?.({ a: 1 }, { a: 2 })).toEqual({ inputs: { a: 2 } });
  expect(await provider.read?.("id", { a: 1 })).toEqual({ id: "id", props: { a: 1 } });
});

test("passes an error of the module through unchanged", async () => {
  const url = await moduleOf(`export const provider = { create: async () => { throw new Error("every reason"); } };`);
  await expect(revive(url).create({})).rejects.toThrow(/^every reason$/);
});

test.each(globSync("{infra,registry,training}/**/*-provider.ts"))(
  "%s exports a whole provider: without diff and update, changes and outputs would be lost",
  async (path) => {
    const { provider } = await import(join(process.cwd(), path));
    for (const method of ["diff", "create", "update", "delete"]) expect(provider[method]).toBeTypeOf("function");
  },
);
