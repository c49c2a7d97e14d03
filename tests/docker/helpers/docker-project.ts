import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parse, parseDocument, stringify } from "yaml";
import { docker } from "../../../infra/targets/docker/docker-cli.ts";
import { LABEL_PREFIX } from "../../../infra/targets/docker/seen-containers.ts";
import { freePort } from "../../helpers/free-port.ts";
import type { Ran } from "../../helpers/project.ts";
import { type LocalRegistry, startRegistry } from "./local-registry.ts";
import { runCli } from "./pulumi-cli.ts";
import { haproxyStandIn, nodeStandIn, pythonStandIn } from "./stand-in-images.ts";

const ROOT = resolve(import.meta.dirname, "../../..");

/** Where staging may be told to push. */
export const REPOSITORY = "acme/churn-model";

/** The committed stacks on target docker and the official CLI, with nowhere to push yet, with an image registry, state, ports and containers of their own. */
export interface DockerProject extends AsyncDisposable {
  /** Its own, so that nothing is shared with a project on the same engine. */
  readonly name: string;
  readonly folder: string;
  readonly ports: { readonly staging: number; readonly production: number };
  /** Of staging's own MLflow server, once there is one. */
  readonly trackingUri: string;
  readonly registry: LocalRegistry;
  pulumi(...args: string[]): Promise<Ran>;
  /** Runs one that has to end well, and answers what it printed. */
  must(...args: string[]): Promise<string>;
  up(stack: string, ...args: string[]): Promise<Ran>;
  /** What `pulumi config set --path`, or without a value `config rm --path`, does to the stack's file. */
  set(stack: string, path: string, value: unknown): Promise<void>;
  /** One more stack for staging, with config by path. */
  addStaging(stack: string, config: Readonly<Record<string, unknown>>): Promise<void>;
}

/** @param name of a project that is to be another clone's */
export async function makeDockerProject(name = `promotion-${randomBytes(3).toString("hex")}`): Promise<DockerProject> {
  const folder = await mkdtemp(join(tmpdir(), "docker-project-"));
  const registry = await startRegistry();
  const ports = { staging: await freePort(), production: await freePort() };
  const images = { base: await nodeStandIn(), gateway: await haproxyStandIn(), python: await pythonStandIn() };
  const mlflow = { image: "build", base: images.python, port: await freePort() };
  const stacks: string[] = [];
  const project = parseDocument(await readFile(join(ROOT, "Pulumi.yaml"), "utf8"));
  project.set("name", name);
  project.set("main", ROOT);
  await writeFile(join(folder, "Pulumi.yaml"), project.toString());

  const pulumi = (...args: string[]) => runCli(folder, args);
  const must = async (...args: string[]) => {
    const { exitCode, output } = await pulumi(...args);
    if (exitCode !== 0) throw new Error(`pulumi ${args.join(" ")} ended with exit code ${exitCode}:\n${output}`);
    return output;
  };
  const set = async (stack: string, path: string, value: unknown) => {
    const file = join(folder, `Pulumi.${stack}.yaml`);
    const config = parseDocument(await readFile(file, "utf8"));
    const [key, ...rest] = path.split(".");
    const place = ["config", `${name}:${key}`, ...rest];
    if (value === undefined) config.deleteIn(place);
    else config.setIn(place, value);
    await writeFile(file, config.toString());
  };
  const add = async (stack: string, environment: "staging" | "production", port: number) => {
    const { config } = parse(await readFile(join(ROOT, `Pulumi.${environment}.yaml`), "utf8"));
    Object.assign(config, {
      ...(environment === "staging" && { "model-promotion:mlflow": mlflow }),
      ...(environment === "production" && { "model-promotion:mlflow": { stack: `organization/${name}/staging` } }),
      "model-promotion:service": { port, maxLatencyMs: 1000 },
      "model-promotion:image": { registry: registry.address, base: images.base, buildNetwork: "host" },
      "model-promotion:docker": { gatewayImage: images.gateway, contextFolder: join(folder, "contexts") },
    });
    const renamed = Object.entries(config).map(([key, value]) => [key.replace(/^[^:]+/, name), value]);
    await writeFile(join(folder, `Pulumi.${stack}.yaml`), stringify({ config: Object.fromEntries(renamed) }));
    await must("stack", "init", stack);
    stacks.unshift(stack);
  };
  for (const stack of ["staging", "production"] as const) await add(stack, stack, ports[stack]);

  const dispose = async () => {
    for (const stack of stacks)
      await pulumi("destroy", "--yes", "--skip-preview", "--non-interactive", "--stack", stack);
    await removeVolumes(name);
    const images = await docker(["images", "--quiet", "--filter", `reference=${registry.address}/${REPOSITORY}`]);
    const ids = [...new Set(images.split("\n").filter(Boolean))];
    if (ids.length > 0) await docker(["rmi", "--force", ...ids]);
    await registry[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  };
  return {
    ...{ name, folder, ports, registry, pulumi, must, set, [Symbol.asyncDispose]: dispose },
    trackingUri: `http://127.0.0.1:${mlflow.port}`,
    up: (stack, ...args) => pulumi("up", "--yes", "--non-interactive", "--stack", stack, ...args),
    addStaging: async (stack, config) => {
      await add(stack, "staging", await freePort());
      for (const [path, value] of Object.entries(config)) await set(stack, path, value);
    },
  };
}

/** A stack that is destroyed leaves MLflow's data where they are. Those of another clone's stack of the same name are in use. */
async function removeVolumes(project: string): Promise<void> {
  const stacks = await docker(["volume", "ls", "--format", `{{.Name}}\t{{.Label "${LABEL_PREFIX}stack"}}`]);
  const left = stacks.split("\n").flatMap((line) => {
    const [volume, stack] = line.split("\t");
    return volume && stack?.startsWith(`${project}/`) ? [volume] : [];
  });
  for (const volume of left)
    if ((await docker(["ps", "--all", "--quiet", "--filter", `volume=${volume}`])) === "")
      await docker(["volume", "rm", volume]);
}
