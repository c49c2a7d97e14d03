import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Cluster {
  /** A file, or the content of one. */
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
}

/** Returns the kubectl arguments that select the configured cluster. */
export const clusterArguments = ({ kubeconfig, context }: Cluster): string[] => [
  ...(kubeconfig ? ["--kubeconfig", kubeconfig] : []),
  ...(context ? ["--context", context] : []),
];

/** Pulumi's provider accepts a kubeconfig as a file or as content. */
export const isContent = (kubeconfig: string): boolean => /[\n{]/.test(kubeconfig);

/** Names the kubeconfig and the context, for messages. Shows no credentials. */
export function describeCluster({ kubeconfig, context }: Cluster, env = process.env): string {
  const file =
    kubeconfig === undefined
      ? `kubeconfig ${env.KUBECONFIG || "~/.kube/config"}`
      : isContent(kubeconfig)
        ? "the kubeconfig that kubernetes.kubeconfig holds"
        : `kubeconfig ${kubeconfig}`;
  return `${context ? `context ${context}` : "the current context"} of ${file}`;
}

/** Writes a kubeconfig that is given as content to a file that only this user can read, while `run` runs: kubectl accepts only files. */
export async function withKubeconfigFile<Answer>(
  cluster: Cluster,
  run: (args: string[]) => Promise<Answer>,
): Promise<Answer> {
  const { kubeconfig } = cluster;
  if (kubeconfig === undefined || !isContent(kubeconfig)) return run(clusterArguments(cluster));
  const folder = await mkdtemp(join(tmpdir(), "kubeconfig-"));
  try {
    const path = join(folder, "config");
    await writeFile(path, kubeconfig, { mode: 0o600 });
    return await run(clusterArguments({ ...cluster, kubeconfig: path }));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
