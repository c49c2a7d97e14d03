import { execFileSync } from "node:child_process";
import { missingForEngine } from "../../docker/helpers/engine.ts";
import { installed, missingOfPulumi } from "../../helpers/pulumi-cli.ts";

/** `host:port` of an image registry without TLS or login that this machine's Docker engine and the cluster's nodes reach by the same name. */
export const registry = process.env.CLUSTER_REGISTRY ?? "";

/** Restarts the cluster's API server, and returns once it responds again. */
export const restartCommand = process.env.CLUSTER_API_RESTART;

/** What this machine lacks for tests in a real cluster. */
export function missingForCluster(): string[] {
  return [
    ...(process.env.KUBECONFIG ? clusterProblem() : ["a cluster that KUBECONFIG names"]),
    ...(registry ? [] : ["a registry that the cluster pulls from, named by CLUSTER_REGISTRY"]),
    ...missingForEngine().filter((what) => what !== "haproxy"),
    ...missingOfPulumi("docker", "kubernetes", "command"),
  ];
}

function clusterProblem(): string[] {
  if (!installed("kubectl")) return ["kubectl"];
  try {
    execFileSync("kubectl", ["get", "--raw", "/readyz"], { stdio: "ignore", timeout: 20_000 });
    return [];
  } catch {
    return [`a cluster that answers: the one that KUBECONFIG=${process.env.KUBECONFIG} names does not`];
  }
}

/** Whether the cluster has pod metrics, which autoscaling by CPU requires. */
export function servesMetrics(): boolean {
  try {
    execFileSync("kubectl", ["get", "--raw", "/apis/metrics.k8s.io/v1beta1/nodes"], {
      stdio: "ignore",
      timeout: 20_000,
    });
    return true;
  } catch {
    return false;
  }
}
