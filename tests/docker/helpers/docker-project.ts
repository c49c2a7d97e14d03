import { join } from "node:path";
import { docker } from "../../../infra/targets/docker/docker-cli.ts";
import { LABEL_PREFIX } from "../../../infra/targets/docker/engine-containers.ts";
import { type CliProject, makeCliProject } from "../../helpers/cli-project.ts";
import { freePort } from "../../helpers/free-port.ts";
import { type LocalRegistry, startRegistry } from "./local-registry.ts";
import { haproxyStandIn, nodeStandIn, pythonStandIn } from "./stand-in-images.ts";

/** Registry that staging can push to. */
export const REPOSITORY = "acme/churn-model";

/** The committed stacks on target docker and the official CLI, with their own image registry, state, ports and containers. They do not push yet. */
export interface DockerProject
  extends Pick<CliProject, "name" | "folder" | "pulumi" | "must" | "up" | "set">,
    AsyncDisposable {
  readonly ports: { readonly staging: number; readonly production: number };
  /** URL of staging's own MLflow server, once it exists. */
  readonly trackingUri: string;
  readonly registry: LocalRegistry;
  /** Creates another staging stack, with config by path. */
  addStaging(stack: string, config: Readonly<Record<string, unknown>>): Promise<void>;
}

/** @param name project name, to simulate another clone */
export async function makeDockerProject(name?: string): Promise<DockerProject> {
  const project = await makeCliProject(name);
  const { folder, set } = project;
  const registry = await startRegistry();
  const ports = { staging: await freePort(), production: await freePort() };
  const images = { base: await nodeStandIn(), gateway: await haproxyStandIn(), python: await pythonStandIn() };
  const mlflow = { image: "build", base: images.python, port: await freePort() };
  const add = (stack: string, environment: "staging" | "production", port: number) =>
    project.add(stack, environment, {
      mlflow: environment === "staging" ? mlflow : { stack: `organization/${project.name}/staging` },
      service: { port, maxLatencyMs: 1000 },
      image: { registry: registry.address, base: images.base, buildNetwork: "host" },
      docker: { gatewayImage: images.gateway, contextFolder: join(folder, "contexts") },
    });
  for (const stack of ["staging", "production"] as const) await add(stack, stack, ports[stack]);

  const dispose = async () => {
    await project.destroy();
    await removeVolumes(project.name);
    const images = await docker(["images", "--quiet", "--filter", `reference=${registry.address}/${REPOSITORY}`]);
    const ids = [...new Set(images.split("\n").filter(Boolean))];
    if (ids.length > 0) await docker(["rmi", "--force", ...ids]);
    await registry[Symbol.asyncDispose]();
    await project.remove();
  };
  return {
    ...project,
    ports,
    registry,
    [Symbol.asyncDispose]: dispose,
    trackingUri: `http://127.0.0.1:${mlflow.port}`,
    addStaging: async (stack, config) => {
      await add(stack, "staging", await freePort());
      for (const [path, value] of Object.entries(config)) await set(stack, path, value);
    },
  };
}

/** Removes MLflow's data, which a destroyed stack keeps, except data in use by another clone's stack of the same name. */
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
