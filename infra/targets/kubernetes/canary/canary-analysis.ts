import type * as pulumi from "@pulumi/pulumi";
import { LazyResource } from "../../../../dynamic/lazy-resource.ts";
import type { Served } from "../service-pod.ts";
import type { CanaryPolicy } from "./judge.ts";

/** Plain values: what the analysis does is known before anything runs. */
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
  /** HTTPRoute that shares the requests out; without it the share is that of the replicas. */
  readonly route?: string | undefined;
  /** Port of /metrics in a pod. */
  readonly port: number;
  readonly percent: number;
  readonly seconds: number;
  readonly intervalSeconds: number;
  /** How long its pods may take to be ready. */
  readonly readySeconds: number;
}

export interface CanaryAnalysisArgs extends Omit<CanaryAnalysisSettings, "kubeconfig"> {
  readonly kubeconfig?: pulumi.Input<string> | undefined;
  /** What is on trial. The analysis runs when it changes. */
  readonly candidate: Served;
  /** Whether production has served it before: it then passes without a trial. */
  readonly wasInProduction?: pulumi.Input<boolean | undefined>;
}

/**
 * Puts a candidate on trial beside the pods that serve: scales its Deployment up, lets it have its share of the requests, reads
 * the metrics of both, and scales it to 0 again, whatever comes of it. Only a pass lets the update go on.
 */
export class CanaryAnalysis extends LazyResource {
  /** The candidate, once it has passed. */
  declare readonly approved: pulumi.Output<{ image: string; version: string; sha256: string }>;
  /** One line for each thing that was compared. */
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
