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
 * How the program queries the configured cluster.
 * @throws RunError, one sentence, when there is no kubeconfig, no such context, or no kubectl
 */
export function clusterOf(settings: Settings): ClusterApi {
  const { kubeconfig, context } = settings.kubernetes ?? {};
  const problem = accessProblem(settings, process.env);
  if (problem) throw new RunError(problem);
  return kubectlApi({ kubeconfig, context });
}

/** Why this machine cannot deploy to the cluster, judging by its own files; undefined if it can. */
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
  const wayOut = "Name one: pulumi config set --path kubernetes.kubeconfig <file>";
  if (found.length === 0) return `there is no kubeconfig at ${files.join(" or ")}. ${wayOut}`;
  return contextProblem(found, kubernetes?.context, wayOut);
}

function contextProblem(files: readonly string[], wanted: string | undefined, wayOut: string): string | undefined {
  const known: string[] = [];
  let current = wanted;
  for (const file of files) {
    try {
      const { contexts: named, "current-context": ofFile } = contexts.parse(parse(readFileSync(file, "utf8")));
      known.push(...(named ?? []).map(({ name }) => name));
      current ??= ofFile || undefined;
    } catch (error) {
      const [line = ""] = (error as Error).message.split("\n");
      return `${file} is not a kubeconfig: ${line}. ${wayOut}`;
    }
  }
  const choose = "Choose one: pulumi config set --path kubernetes.context <context>";
  const they = known.length > 0 ? `it has ${known.join(", ")}` : "it has none";
  if (current === undefined) return `${files.join(", ")} names no current context; ${they}. ${choose}`;
  if (!known.includes(current)) return `${files.join(", ")} has no context ${current}; ${they}. ${choose}`;
  return undefined;
}

/** As kubectl looks for them. */
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
