import type * as pulumi from "@pulumi/pulumi";
import { LazyResource } from "../../../../dynamic/lazy-resource.ts";
import type { Served } from "../service-pod.ts";
import type { CanaryPolicy } from "./judge.ts";

/** Plain values, so that a preview shows what the analysis does. */
export interface CanaryAnalysisSettings extends CanaryPolicy {
  /** A file, or the content of one. */
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  readonly namespace: string;
  /** Deployments of the two tracks. */
  readonly stable: string;
  readonly canary: string;
  /** Queries that select their pods: `a=b,c=d`. */
  readonly stablePods: string;
  readonly canaryPods: string;
  /** HTTPRoute that splits the requests; without it, the number of replicas does. */
  readonly route?: string | undefined;
  /** Port of /metrics in a pod. */
  readonly port: number;
  readonly percent: number;
  readonly seconds: number;
  readonly intervalSeconds: number;
  /** Time limit for its pods to become ready. */
  readonly readySeconds: number;
}

export interface CanaryAnalysisArgs extends Omit<CanaryAnalysisSettings, "kubeconfig"> {
  readonly kubeconfig?: pulumi.Input<string> | undefined;
  /** The candidate. The analysis runs when it changes. */
  readonly candidate: Served;
  /** Registry and environment, which show whether another version serves elsewhere. */
  readonly standing?: pulumi.Input<object>;
  /** Whether production has served it before: it then passes without a trial. */
  readonly wasInProduction?: pulumi.Input<boolean | undefined>;
}

/**
 * Runs a candidate beside the serving pods: scales its Deployment up, gives it its share of the requests, reads
 * the metrics of both, and always scales it back to 0. The update continues only if the candidate passes.
 */
export class CanaryAnalysis extends LazyResource {
  /** The candidate, once it has passed. */
  declare readonly approved: pulumi.Output<{ image: string; version: string; sha256: string }>;
  /** One line per comparison. */
  declare readonly findings: pulumi.Output<string[]>;

  constructor(name: string, args: CanaryAnalysisArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      "CanaryAnalysis",
      "./infra/targets/kubernetes/canary/canary-analysis-provider.ts",
      name,
      { ...args, approved: undefined, findings: undefined },
      opts,
    );
  }
}
