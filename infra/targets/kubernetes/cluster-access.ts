import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { RunError } from "@pulumi/pulumi";
import { parse } from "yaml";
import { z } from "zod";
import type { Settings } from "../../settings.ts";
import { type ClusterApi, KUBECTL_MISSING, kubectlApi } from "./cluster-api.ts";
import { isContent } from "./cluster-arguments.ts";

const contexts = z.object({
  "current-context": z.string().optional(),
  contexts: z.array(z.object({ name: z.string() })).nullish(),
});

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Returns access to the configured cluster for the program's own queries.
 * @throws RunError, in one sentence, if the kubeconfig, its context or kubectl is missing
 */
export function clusterOf(settings: Pick<Settings, "kubernetes">): ClusterApi {
  const { kubeconfig, context } = settings.kubernetes ?? {};
  const problem = accessProblem(settings, process.env);
  if (problem) throw new RunError(problem);
  return kubectlApi({ kubeconfig, context });
}

/** Returns why this machine's files do not give access to the cluster, or undefined if listed do. */
export function accessProblem({ kubernetes }: Pick<Settings, "kubernetes">, env: Environment): string | undefined {
  if (!onPath("kubectl", env)) return KUBECTL_MISSING;
  if (kubernetes?.kubeconfig !== undefined && isContent(kubernetes.kubeconfig))
    return kubernetes.access === "port-forward"
      ? "kubernetes.access: port-forward needs a kubeconfig in a file. Name it: pulumi config set --path kubernetes.kubeconfig <file>"
      : undefined;
  const files = kubeconfigFiles(kubernetes?.kubeconfig, env);
  const found = files.filter((file) => existsSync(file));
  // Inside a pod, its service account gives access.
  if (found.length === 0 && kubernetes?.kubeconfig === undefined && env.KUBERNETES_SERVICE_HOST) return undefined;
  const remedy = "Name one: pulumi config set --path kubernetes.kubeconfig <file>";
  if (found.length === 0) return `there is no kubeconfig at ${files.join(" or ")}. ${remedy}`;
  return contextProblem(found, kubernetes?.context, remedy);
}

function contextProblem(files: readonly string[], wanted: string | undefined, remedy: string): string | undefined {
  const contextNames: string[] = [];
  let current = wanted;
  for (const file of files) {
    try {
      const { contexts: named, "current-context": ofFile } = contexts.parse(parse(readFileSync(file, "utf8")));
      contextNames.push(...(named ?? []).map(({ name }) => name));
      current ??= ofFile || undefined;
    } catch (error) {
      const [line = ""] = (error as Error).message.split("\n");
      return `${file} is not a kubeconfig: ${line}. ${remedy}`;
    }
  }
  const choose = "Choose one: pulumi config set --path kubernetes.context <context>";
  const listed = contextNames.length > 0 ? `it has ${contextNames.join(", ")}` : "it has none";
  if (current === undefined) return `${files.join(", ")} names no current context; ${listed}. ${choose}`;
  if (!contextNames.includes(current)) return `${files.join(", ")} has no context ${current}; ${listed}. ${choose}`;
  return undefined;
}

/** Returns the files in kubectl's own order. */
function kubeconfigFiles(configured: string | undefined, env: Environment): string[] {
  if (configured) return [configured];
  const named = (env.KUBECONFIG ?? "").split(delimiter).filter(Boolean);
  return named.length > 0 ? named : [join(env.HOME ?? homedir(), ".kube", "config")];
}

function onPath(program: string, env: Environment): boolean {
  return (env.PATH ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
