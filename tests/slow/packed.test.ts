/** The npm package in a Pulumi project of its own: the program of examples/library. */
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { stringify } from "yaml";
import { imageSettings } from "../../infra/targets/docker/docker-settings.ts";
import { assembleContext } from "../../infra/targets/docker/image-context.ts";
import { freePort } from "../helpers/free-port.ts";
import { installPacked, packInto, predictSample } from "../helpers/packed.ts";
import { runEngine } from "../helpers/project.ts";
import { TEST_VENV } from "../helpers/python.ts";

const run = promisify(execFile);
interface Stored {
  readonly inputs?: { readonly __provider?: string };
  readonly outputs?: object;
}

let folder = "";
let state = "";
let port = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "library-"));
  state = join(folder, "state");
  port = await freePort();
  const { filename } = await packInto(folder);
  await installPacked(folder, join(folder, filename));
  await cp("examples/library", folder, { recursive: true });
  await cp("models/churn/data", join(folder, "data"), { recursive: true });
  const config = { port, mlflowPort: await freePort(), pythonVenv: resolve(TEST_VENV) };
  const named = Object.fromEntries(Object.entries(config).map(([key, value]) => [`churn:${key}`, String(value)]));
  await writeFile(join(folder, "Pulumi.dev.yaml"), stringify({ config: named }));
  await pulumi("stack", "init", "dev");
});
afterAll(async () => {
  await runEngine(folder, state, "destroy", "--yes", "--non-interactive", "--stack", "dev");
  await rm(folder, { recursive: true, force: true });
});

async function pulumi(...args: string[]): Promise<string> {
  const { exitCode, output } = await runEngine(folder, state, ...args);
  expect(exitCode, output).toBe(0);
  return output;
}
const up = (...args: string[]) =>
  pulumi("up", "--yes", "--skip-preview", "--non-interactive", "--stack", "dev", ...args);

test("has types that programs of its own compile with, on every target", async () => {
  const blocks = [...(await readFile("docs/library.md", "utf8")).matchAll(/^```ts\n(.*?)^```$/gms)].map(([, ts]) => ts);
  const ofTargets = blocks.filter((block = "") => /"model-promotion\/(docker|kubernetes)"/.test(block));
  expect(ofTargets).toHaveLength(2);
  await writeFile(join(folder, "docker.ts"), ofTargets[0] ?? "");
  await writeFile(join(folder, "kubernetes.ts"), ofTargets[1] ?? "");
  const flags = [
    "--noEmit",
    "--strict",
    "--module",
    "nodenext",
    "--target",
    "es2024",
    "--skipLibCheck",
    "--types",
    "node",
  ];
  const compiler = resolve("node_modules/typescript/bin/tsc");
  await expect(
    run(process.execPath, [compiler, ...flags, "index.ts", "docker.ts", "kubernetes.ts"], { cwd: folder }),
  ).resolves.toMatchObject({
    stdout: "",
  });
  await writeFile(
    join(folder, "wrong.ts"),
    'import { localTarget } from "model-promotion";\nlocalTarget({ mlflowPort: "5050" });\n',
  );
  await expect(run(process.execPath, [compiler, ...flags, "wrong.ts"], { cwd: folder })).rejects.toMatchObject({
    stdout: expect.stringContaining("Type 'string' is not assignable to type 'number'"),
  });
});

test("trains, judges and serves the sample model", async () => {
  await up();
  expect(await predictSample(port)).toEqual([200, expect.objectContaining({ predictions: [1] })]);
  const outputs = JSON.parse(await pulumi("stack", "output", "--json", "--stack", "dev"));
  expect(outputs).toEqual({ url: `http://127.0.0.1:${port}`, version: "1" });
});

test("keeps nothing in the state that depends on where the package lies", async () => {
  const { deployment } = JSON.parse(await pulumi("stack", "export", "--stack", "dev"));
  const providers = deployment.resources.flatMap(({ inputs }: Stored) =>
    inputs?.__provider === undefined ? [] : [/import\("(.*)"\)/.exec(inputs.__provider)?.[1]],
  );
  expect(providers.toSorted()).toEqual([
    "model-promotion/infra/deployment-check/deployment-check-provider",
    "model-promotion/infra/targets/local/local-process-provider",
    "model-promotion/infra/targets/local/local-release-provider",
    "model-promotion/infra/targets/local/local-service-provider",
    "model-promotion/infra/targets/local/model-folder-provider",
    "model-promotion/registry/registry-stage-provider",
    "model-promotion/training/gate/quality-gate-provider",
  ]);
  const stored = JSON.stringify(deployment.resources.map(({ inputs, outputs }: Stored) => [inputs, outputs]));
  const paths = stored
    .replaceAll(resolve(TEST_VENV), "")
    .match(/[^"'\s]*(model-promotion\/dist|library-\w{6}|\/tests\/)[^"'\s]*/g);
  expect([...new Set(paths)].toSorted()).toEqual([
    "node_modules/model-promotion/dist/infra/targets/local/python-venv-cli.js",
    "node_modules/model-promotion/dist/infra/targets/local/requirements.txt",
    "node_modules/model-promotion/dist/service/main.js",
    "node_modules/model-promotion/dist/training/train.js",
  ]);
});

test("builds the image that the checkout builds", async () => {
  const [{ outputs }] = JSON.parse(await pulumi("stack", "export", "--stack", "dev")).deployment.resources.filter(
    ({ type }: { type: string }) => type.endsWith("ModelFolder"),
  );
  const { modelName, version, sha256, registry } = outputs;
  const request = { registry, modelName, version, sha256, settings: imageSettings.parse({}), folder: "contexts" };
  await writeFile(
    join(folder, "assemble.mjs"),
    `import { assembleContext } from "./node_modules/model-promotion/dist/infra/targets/docker/image-context.js";
console.log(JSON.stringify(await assembleContext(${JSON.stringify(request)})));`,
  );
  const { stdout } = await run(process.execPath, ["assemble.mjs"], { cwd: folder });
  const ofCheckout = await assembleContext({ ...request, folder: join(folder, "checkout") });
  expect({ ...JSON.parse(stdout), path: "" }).toEqual({ ...ofCheckout, path: "" });
});

test("changes nothing the second time, nor where pnpm would put the package", async () => {
  await up("--expect-no-changes");
  const modules = join(folder, "node_modules");
  const store = join(modules, ".pnpm/model-promotion@0.1.0/node_modules");
  await mkdir(store, { recursive: true });
  await rename(join(modules, "model-promotion"), join(store, "model-promotion"));
  await symlink(join(store, "model-promotion"), join(modules, "model-promotion"));
  await up("--expect-no-changes");
});

test("a failed gate fails the update, and the version before keeps serving", async () => {
  await pulumi("config", "set", "minAccuracy", "0.95", "--stack", "dev");
  const failed = await runEngine(folder, state, "up", "--yes", "--skip-preview", "--non-interactive", "--stack", "dev");
  expect(failed.exitCode, failed.output).toBe(1);
  expect(failed.output).toContain("accuracy 0.8975 < 0.95 required");
  expect((await fetch(`http://127.0.0.1:${port}/ready`)).status).toBe(200);
  await pulumi("config", "set", "minAccuracy", "0.85", "--stack", "dev");
});

test("destroy ends every process", async () => {
  await pulumi("destroy", "--yes", "--non-interactive", "--stack", "dev");
  await expect(fetch(`http://127.0.0.1:${port}/ready`)).rejects.toThrow("fetch failed");
});
