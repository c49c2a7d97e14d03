import { globSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { defineProvider } from "../../dynamic/define-provider.ts";
import { isGone } from "../../dynamic/exit-with-engine.ts";
import { isDebugging } from "../../dynamic/report-once.ts";

const failing = (thrown: unknown) =>
  defineProvider({
    async create() {
      throw thrown;
    },
  });

test("forwards calls with their arguments and the same `this`", async () => {
  const own = {
    async update(id: string, size: number) {
      return { id, size, same: this === own };
    },
  };
  expect(await defineProvider(own).update("x", 42)).toEqual({ id: "x", size: 42, same: true });
});

test("rethrows an error with its cause and the fields of a partially created resource", async () => {
  const error = Object.assign(new Error("half made", { cause: new Error("why") }), { id: "x", reasons: ["late"] });
  await expect(failing(error).create()).rejects.toBe(error);
  expect(String(error)).toBe("Error: half made");
});

test("wraps any other thrown value in an error, because Pulumi's process cannot report it", async () => {
  await expect(failing("just a text").create()).rejects.toThrow(/^just a text$/);
  await expect(failing(undefined).create()).rejects.toThrow(/^undefined$/);
});

test("every provider module uses defineProvider", () => {
  const sources = globSync("{infra,registry,training}/**/*.ts").map((file) => readFileSync(file, "utf8"));
  const resources = sources.filter((text) => text.includes("extends LazyResource"));
  const modules = resources.flatMap((text) => /"\.\/(\S+\.ts)",/.exec(text)?.[1] ?? []);
  expect(modules).toHaveLength(resources.length);
  // stored-provider.test.ts finds providers by file name.
  expect(modules.sort()).toEqual(globSync("{infra,registry,training}/**/*-provider.ts").sort());
  expect(modules.length).toBeGreaterThan(10);
  for (const file of modules)
    expect(readFileSync(file, "utf8"), file).toContain("export const provider = defineProvider(");
});

test("an engine is gone when nothing listens at its address", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const address = `127.0.0.1:${(server.address() as { port: number }).port}`;
  expect(await isGone(address)).toBe(false);
  await new Promise((resolve) => server.close(resolve));
  expect(await isGone(address)).toBe(true);
});

test.each([
  [undefined, false],
  ["", false],
  ["0", false],
  ["false", false],
  ["1", true],
])("PULUMI_DEBUG=%j asks for traces: %j", (value, expected) => {
  expect(isDebugging({ PULUMI_DEBUG: value })).toBe(expected);
});
