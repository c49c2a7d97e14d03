import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import ts from "typescript";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ownModule } from "../../dynamic/own-package.ts";
import { type Packed, packInto } from "../helpers/packed.ts";

let folder = "";
let packed: Packed;
let sources: readonly string[];
const paths = () => packed.files.map(({ path }) => path);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "package-"));
  packed = await packInto(folder);
  execFileSync("tar", ["-xzf", join(folder, packed.filename), "-C", folder]);
  const modules = paths().filter((path) => /\.m?js$/.test(path));
  sources = modules.map((path) => readFileSync(join(folder, "package", path), "utf8"));
}, 300_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Returns all matches of a pattern's first group in the modules of the package. */
const found = (pattern: RegExp) =>
  new Set(sources.flatMap((text) => [...text.matchAll(pattern)].map(([, first = ""]) => first)));

test("the npm package is smaller than 2 MB", () => {
  expect(packed.size).toBeLessThan(2_000_000);
});

test("the npm package contains compiled modules, their types, and the files that they read", () => {
  const others = paths().filter(
    (path) => !/^dist\/(data|dynamic|infra|registry|service|training)\/.*\.(m?js|d\.m?ts)$/.test(path),
  );
  expect(others.toSorted()).toEqual([
    "LICENSE",
    "README.md",
    "dist/infra/deployment-check/look-inside.cjs",
    "dist/infra/targets/docker/mlflow-drivers.txt",
    "dist/infra/targets/docker/mlflow.Dockerfile",
    "dist/infra/targets/docker/mlflow.Dockerfile.dockerignore",
    "dist/infra/targets/local/requirements.txt",
    "dist/service-image.json",
    // The checkout's program: npm always packs what `main` names.
    "infra/start.mjs",
    "package.json",
  ]);
});

test("the npm package omits this project's program, and what reads the checkout", () => {
  const own = /^dist\/infra\/(index|load-settings|environments|render|targets\/docker\/(image-files|sbom))\b/;
  expect(paths().filter((path) => own.test(path) && !path.endsWith(".d.ts"))).toEqual([]);
});

test("the npm package has every file that its modules name by a string", () => {
  const providers = [...found(/"(\.\/\S+-provider)\.ts"/g)];
  expect(providers.length).toBeGreaterThan(5);
  const files = [...found(/ownFile\("(\S+\.\w+)"\)/g)];
  expect(files).toContain("service/main.ts");
  const named = [...providers.map((path) => ownModule(path, true).replace("model-promotion/", "")), ...files];
  for (const path of named)
    expect(paths()).toContain(`dist/${path.replace(/\.ts$/, ".js").replace(/-provider$/, "-provider.js")}`);
});

test("the npm package depends on every package that its modules import", () => {
  const { dependencies } = JSON.parse(readFileSync(join(folder, "package/package.json"), "utf8"));
  const imported = sources.flatMap((text) => ts.preProcessFile(text).importedFiles.map(({ fileName }) => fileName));
  const bare = imported.filter((name) => !/^(\.|node:)/.test(name));
  const packages = new Set(bare.map((name) => /^(@[^/]+\/)?[^/]+/.exec(name)?.[0]));
  expect([...packages].filter((name) => name !== undefined && !(name in dependencies))).toEqual([]);
});
