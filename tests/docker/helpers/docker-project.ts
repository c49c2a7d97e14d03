import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parse, parseDocument, stringify } from "yaml";
import { docker } from "../../../infra/targets/docker/docker-cli.ts";
import { freePort } from "../../helpers/free-port.ts";
import type { Ran } from "../../helpers/project.ts";
import { installed } from "./engine.ts";
import { type LocalRegistry, startRegistry } from "./local-registry.ts";
import { haproxyStandIn, nodeStandIn, pythonStandIn } from "./stand-in-images.ts";

const ROOT = resolve(import.meta.dirname, "../../..");
const PASSPHRASE = "passphrase-of-a-test";

/** Where staging may be told to push. */
export const REPOSITORY = "acme/churn-model";

/** The committed stacks on target docker and the official CLI, with nowhere to push yet, with an image registry, state, ports and containers of their own. */
export interface DockerProject extends AsyncDisposable {
  readonly ports: { readonly staging: number; readonly production: number };
  /** Of staging's own MLflow server, once there is one. */
  readonly trackingUri: string;
  readonly registry: LocalRegistry;
  pulumi(...args: string[]): Promise<Ran>;
  /** Runs one that has to end well, and answers what it printed. */
  must(...args: string[]): Promise<string>;
  up(stack: string, ...args: string[]): Promise<Ran>;
  /** What `pulumi config set --path` does to the stack's file. */
  set(stack: string, path: string, value: string | number): Promise<void>;
}

export async function makeDockerProject(): Promise<DockerProject> {
  const folder = await mkdtemp(join(tmpdir(), "docker-project-"));
  const registry = await startRegistry();
  const ports = { staging: await freePort(), production: await freePort() };
  const images = { base: await nodeStandIn(), gateway: await haproxyStandIn(), python: await pythonStandIn() };
  const mlflow = { image: "build", base: images.python, port: await freePort() };
  const volumesBefore = await mlflowVolumes();
  const project = parseDocument(await readFile(join(ROOT, "Pulumi.yaml"), "utf8"));
  project.set("main", ROOT);
  await writeFile(join(folder, "Pulumi.yaml"), project.toString());
  for (const stack of ["staging", "production"] as const) {
    const { config } = parse(await readFile(join(ROOT, `Pulumi.${stack}.yaml`), "utf8"));
    Object.assign(config, {
      ...(stack === "staging" && { "model-promotion:mlflow": mlflow }),
      "model-promotion:service": { port: ports[stack], maxLatencyMs: 1000 },
      "model-promotion:image": {
        ...{ registry: registry.address, base: images.base, buildNetwork: "host" },
      },
      "model-promotion:docker": {
        ...{ gatewayImage: images.gateway, contextFolder: join(folder, "contexts"), protect: false },
      },
    });
    await writeFile(join(folder, `Pulumi.${stack}.yaml`), stringify({ config }));
  }
  const pulumi = (...args: string[]) => runCli(folder, args);
  const must = async (...args: string[]) => {
    const { exitCode, output } = await pulumi(...args);
    if (exitCode !== 0) throw new Error(`pulumi ${args.join(" ")} ended with exit code ${exitCode}:\n${output}`);
    return output;
  };
  for (const stack of ["staging", "production"]) await must("stack", "init", stack);
  const dispose = async () => {
    for (const stack of ["production", "staging"])
      await pulumi("destroy", "--yes", "--skip-preview", "--non-interactive", "--stack", stack);
    // A stack that is destroyed leaves MLflow's data where they are.
    const left = (await mlflowVolumes()).filter((volume) => !volumesBefore.includes(volume));
    if (left.length > 0) await docker(["volume", "rm", ...left]);
    const images = await docker(["images", "--quiet", "--filter", `reference=${registry.address}/${REPOSITORY}`]);
    const ids = [...new Set(images.split("\n").filter(Boolean))];
    if (ids.length > 0) await docker(["rmi", "--force", ...ids]);
    await registry[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  };
  return {
    ...{ ports, registry, pulumi, must, [Symbol.asyncDispose]: dispose },
    trackingUri: `http://127.0.0.1:${mlflow.port}`,
    up: (stack, ...args) => pulumi("up", "--yes", "--non-interactive", "--stack", stack, ...args),
    set: async (stack, path, value) => {
      const file = join(folder, `Pulumi.${stack}.yaml`);
      const config = parseDocument(await readFile(file, "utf8"));
      const [key, ...rest] = path.split(".");
      config.setIn(["config", `model-promotion:${key}`, ...rest], value);
      await writeFile(file, config.toString());
    },
  };
}

const mlflowVolumes = async () =>
  (await docker(["volume", "ls", "--quiet", "--filter", "label=model-promotion.role=mlflow-data"]))
    .split("\n")
    .filter(Boolean);

async function runCli(folder: string, args: readonly string[]): Promise<Ran> {
  const child = spawn(installed("pulumi") ?? "pulumi", args, {
    cwd: folder,
    env: {
      ...process.env,
      PULUMI_BACKEND_URL: `file://${resolve(folder)}`,
      PULUMI_HOME: join(folder, "home"),
      PULUMI_CONFIG_PASSPHRASE: PASSPHRASE,
      PULUMI_SKIP_UPDATE_CHECK: "true",
      // Every provider that a stack of this target has is installed; one that it has not, such as Kubernetes', is not fetched.
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      NO_COLOR: "1",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text) => {
      output += text;
    });
  const exitCode = await new Promise<number>((done, fail) => {
    child.on("error", fail).on("close", (code) => done(code ?? -1));
  });
  return { exitCode, output };
}
