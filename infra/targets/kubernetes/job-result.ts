import type * as pulumi from "@pulumi/pulumi";
import { LazyResource } from "../../../dynamic/lazy-resource.ts";

export interface JobResultArgs {
  /** A file, or the content of one. */
  readonly kubeconfig?: pulumi.Input<string> | undefined;
  readonly context?: string | undefined;
  readonly namespace: string;
  /** Name of the Job; a new name starts another wait. */
  readonly job: pulumi.Input<string>;
  readonly uid: pulumi.Input<string>;
  /** Time limits for its pod to start, and then to finish. */
  readonly startSeconds: number;
  readonly deadlineSeconds: number;
}

/** Waits for a Job, shows its log while it runs, and fails if it fails. */
export class JobResult extends LazyResource {
  /** Output of the Job's container. */
  declare readonly stdout: pulumi.Output<string>;

  constructor(name: string, args: JobResultArgs, opts?: pulumi.CustomResourceOptions) {
    super("JobResult", "./infra/targets/kubernetes/job-result-provider.ts", name, { ...args, stdout: undefined }, opts);
  }
}
