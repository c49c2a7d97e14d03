import { join, resolve } from "node:path";
import { MlflowClient } from "../../../registry/mlflow-client.ts";
import { getVersionInStage } from "../../../registry/model-versions.ts";
import { HealthAnswer } from "../../../service/contract.ts";
import { nodeStandIn } from "../../docker/helpers/stand-in-images.ts";
import { type CliProject, makeCliProject } from "../../helpers/cli-project.ts";
import { freePort } from "../../helpers/free-port.ts";
import type { Ran } from "../../helpers/project.ts";
import { runIn } from "../../helpers/pulumi-cli.ts";
import { mlflowImage, trainerImage } from "./cluster-images.ts";
import { removeNamespace } from "./kubectl.ts";
import { type LoginRegistry, loggedIn } from "./login-registry.ts";
import { registry } from "./missing.ts";

type EnvironmentName = "staging" | "production";

/** The committed stacks in the cluster that KUBECONFIG names, with their own model, namespaces, ports and state. */
export interface ClusterProject extends CliProject, AsyncDisposable {
  readonly model: string;
  readonly trackingUri: string;
  /** Namespace of an environment. */
  namespace(environment: EnvironmentName): string;
  /** Address of an environment's service for pods. */
  inCluster(environment: EnvironmentName): string;
  /** Version that an environment's service reports. */
  served(environment: EnvironmentName): Promise<string>;
  /** Versions by stage, such as `Staging 2, Production 1`. */
  stages(): Promise<string>;
  /** What a preview finds in the cluster; the full output if it finds nothing. */
  found(environment: EnvironmentName): Promise<string>;
  /** `npm run rollback` of production. */
  rollback(): Promise<Ran>;
}

interface Wanted {
  /** An MLflow server outside the cluster; without it, staging deploys one. */
  readonly trackingUri?: string;
  /** Whether the trainer runs as a Job. */
  readonly job?: boolean;
  /** Registry of all images; by default the cluster's, which requires no login. */
  readonly login?: LoginRegistry;
}

export async function makeClusterProject({ trackingUri, job = false, login }: Wanted): Promise<ClusterProject> {
  const project = await makeCliProject();
  const { name, folder } = project;
  const model = name.replace("promotion", "churn");
  const ports = { staging: await freePort(), production: await freePort() };
  const mlflowPort = await freePort();
  const common = (environment: EnvironmentName, kubernetes: object) => ({
    target: "kubernetes",
    modelName: model,
    service: { port: ports[environment], maxLatencyMs: 1000 },
    local: { dataFolder: join(folder, "local") },
    kubernetes: { access: "port-forward", service: { cpu: "100m" }, ...kubernetes },
  });
  // A repository per project, because a node that already has an image does not log in.
  const repository = login && `${login.address}/${name}`;
  const images = () =>
    Promise.all([trackingUri === undefined ? mlflowImage(repository) : "", job ? trainerImage(repository) : ""]);
  const [server, trainer] = await (login ? loggedIn(login, images) : images());
  const mlflow = server && { mlflow: { image: server, cpu: "100m", memory: "1Gi", storage: "1Gi" } };
  const training = trainer && { training: { image: trainer, cpu: "100m", memory: "512Mi" } };
  await project.add("staging", "staging", {
    ...common("staging", { ...mlflow, ...training }),
    ...(job && { training: { runner: "job" } }),
    mlflow: trackingUri === undefined ? { port: mlflowPort } : { trackingUri },
    image: {
      registry: login?.address ?? registry,
      repository: `${name}/churn-model`,
      base: await nodeStandIn(),
      buildNetwork: "host",
    },
    docker: { contextFolder: join(folder, "contexts") },
  });
  await project.add("production", "production", {
    ...common("production", {}),
    mlflow: trackingUri === undefined ? { stack: `organization/${name}/staging` } : { trackingUri },
  });
  const namespace = (environment: EnvironmentName) => `${model}-${environment}`;
  const uri = trackingUri ?? `http://127.0.0.1:${mlflowPort}`;
  return {
    ...project,
    model,
    namespace,
    trackingUri: uri,
    inCluster: (environment) => `http://${namespace(environment)}.${namespace(environment)}.svc:${ports[environment]}`,
    served: async (environment) => {
      const health = await fetch(`http://127.0.0.1:${ports[environment]}/health`);
      return HealthAnswer.parse(await health.json()).version;
    },
    stages: async () => {
      const client = new MlflowClient({ trackingUri: uri });
      const [staging, production] = await Promise.all(
        ["Staging", "Production"].map((stage) => getVersionInStage(client, model, stage)),
      );
      return `Staging ${staging?.version ?? "none"}, Production ${production?.version ?? "none"}`;
    },
    found: async (environment) => {
      const output = await project.must("preview", "--diff", "--non-interactive", "--stack", environment);
      return /found *: (?:".*" => )?"(.*)"/.exec(output)?.[1] ?? output;
    },
    rollback: () =>
      runIn(
        folder,
        process.execPath,
        [resolve("deploy/rollback.ts"), "--cwd", folder, "--stack", "production", "--yes"],
        resolve("."),
      ),
    [Symbol.asyncDispose]: async () => {
      await project.destroy();
      for (const environment of ["staging", "production"] as const) await removeNamespace(namespace(environment));
      await project.remove();
    },
  };
}
