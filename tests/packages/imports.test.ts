import { spawnSync } from "node:child_process";
import { accessSync, constants, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";

const ENGINE = "packages/engine";
const readJson = (file: string) => JSON.parse(readFileSync(file, "utf8"));
const { dependencies, devDependencies, exports, bin, name, private: isPrivate } = readJson(`${ENGINE}/package.json`);

const sourcesIn = (folder: string) =>
  globSync(`${folder}/**/*.{ts,mjs,cjs}`, { exclude: ["**/node_modules", "**/dist"] });

/** What a file imports: packages by name, files from the root of the checkout. */
const importsOf = (file: string): string[] =>
  ts
    .preProcessFile(readFileSync(file, "utf8"), true, true)
    .importedFiles.map(({ fileName }) => (/^\.\.?\//.test(fileName) ? join(dirname(file), fileName) : fileName));

const isOfEngine = (imported: string) => imported.startsWith(`${ENGINE}/`) || `${imported}/`.startsWith(`${name}/`);

test("nothing outside imports the embedded engine", () => {
  const { include } = readJson("tsconfig.json") as { include: string[] };
  const outside = include.filter((room) => !room.includes(".") && room !== "packages").flatMap(sourcesIn);
  expect(outside.length).toBeGreaterThan(1_000);
  expect(outside.filter((file) => importsOf(file).some(isOfEngine))).toEqual([]);
});

test("the embedded engine imports its own files, Node's modules and its own dependencies; only its tests import development ones", () => {
  const files = sourcesIn(ENGINE);
  expect(files.length).toBeGreaterThan(100);
  const foreign = files.flatMap((file) => {
    const isTest = file.startsWith(`${ENGINE}/tests/`);
    const allowed = { ...dependencies, ...(isTest && devDependencies) };
    const isAllowed = (imported: string) =>
      imported.startsWith("node:") ||
      (imported.startsWith(`${ENGINE}/`) && (isTest || !imported.startsWith(`${ENGINE}/tests/`))) ||
      Object.keys(allowed).some((known) => `${imported}/`.startsWith(`${known}/`));
    return importsOf(file)
      .filter((imported) => !isAllowed(imported))
      .map((imported) => `${file} imports ${imported}`);
  });
  expect(foreign).toEqual([]);
});

test("the package of the embedded engine is private, exports nothing and has one program, the file that the rest starts", () => {
  expect({ isPrivate, exports, bin }).toEqual({ isPrivate: true, exports: {}, bin: { "pulumi-embedded": "cli.ts" } });
  const program = `${ENGINE}/cli.ts`;
  accessSync(program, constants.X_OK);
  expect(readFileSync(program, "utf8")).toMatch(/^#!\/usr\/bin\/env node\n/);
  for (const file of ["deploy/pulumi-run.ts", "quickstart/pulumi.ts", "examples/run.ts", "bench/engine.ts"])
    expect(readFileSync(file, "utf8")).toContain(`${program}"`);
});

test("the engine's former path starts the same program, with its arguments, output and exit code", () => {
  const run = (file: string, ...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [file, ...args], { encoding: "utf8" });
    return { status, stdout, stderr };
  };
  for (const [argument, status] of [
    ["--help", 0],
    ["no such verb", 1],
  ] as const) {
    const now = run(`${ENGINE}/cli.ts`, argument);
    expect(now.status).toBe(status);
    expect(run("engine/cli.ts", argument)).toEqual(now);
  }
});
