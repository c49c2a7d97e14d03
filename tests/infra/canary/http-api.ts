import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import { type ClusterApi, ClusterError, refusalOfAnswer } from "../../../infra/targets/kubernetes/cluster-api.ts";

/** A cluster that asks for no sign-in, by plain HTTP: for machines that have no kubectl. */
export async function httpApi(kubeconfig: string): Promise<ClusterApi> {
  const server: string = parse(await readFile(kubeconfig, "utf8")).clusters[0].cluster.server;
  const ask = async (path: string, init?: RequestInit) => {
    const response = await fetch(`${server}${path}`, init);
    const text = await response.text();
    if (!response.ok) throw new ClusterError(`${path}: ${text}`, refusalOfAnswer(response.status, text));
    return text;
  };
  return {
    get: (path) => ask(path),
    put: async (path, body) => void (await ask(path, { method: "PUT", body: JSON.stringify(body) })),
  };
}
