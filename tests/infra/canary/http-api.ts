import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import { type ClusterApi, ClusterError, refusalOfAnswer } from "../../../infra/targets/kubernetes/cluster-api.ts";

/** A cluster API over plain HTTP without authentication, for machines without kubectl. */
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
