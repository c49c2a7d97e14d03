import * as pulumi from "@pulumi/pulumi";
import { LazyResource } from "../../../dynamic/lazy-resource.ts";
import { addedOutput } from "../../added-output.ts";
import { isContent } from "./cluster-arguments.ts";
import { hashOf } from "./hashed-config.ts";
import type { Place } from "./place.ts";

export interface RolloutArgs {
  /** Kubeconfig's file or content, and its context. */
  readonly kubeconfig?: pulumi.Input<string> | undefined;
  readonly context?: string | undefined;
  readonly namespace: string;
  /** Name of the Deployment. */
  readonly deployment: pulumi.Input<string>;
  /** Changes with its pods: another one is waited for. */
  readonly pods: pulumi.Input<string>;
  readonly timeoutSeconds: number;
  /** The pods as the program gives them: a live Deployment that has others is written again. */
  readonly template: pulumi.Input<object>;
  /** Fewest pods: a live Deployment at 0 is scaled to as many. */
  readonly replicas: number;
  /** Of the service: its rollout that fails is undone and goes into the history. */
  readonly record?: pulumi.Input<object> | undefined;
}

/**
 * Waits until a Deployment's pods run as it wants them, and fails with the cluster's reason when they do not in time. Pulumi's own waiting takes ten
 * minutes and often does not say why: `UNAWAITED` turns it off.
 */
export class Rollout extends LazyResource {
  /** Hash of the pods, once they are available. */
  declare readonly pods: pulumi.Output<string>;
  /** When they were; undefined in a state that an earlier release wrote. */
  declare readonly completed: pulumi.Output<string | undefined>;
  /** In a preview: why the live Deployment has to be waited for although the program has not changed. */
  declare readonly found: pulumi.Output<string | undefined>;

  constructor(name: string, args: RolloutArgs, opts?: pulumi.CustomResourceOptions) {
    const props = { ...args, completed: undefined, found: undefined };
    super("Rollout", "./infra/targets/kubernetes/rollout-provider.ts", name, props, opts);
  }
}

/** Changes whenever pods were waited for, for whatever reason: what was proved of them then has to be proved again. */
export const runOf = ({ pods, completed, found }: Rollout): pulumi.Output<string> =>
  pulumi
    .all([addedOutput(pods, completed), addedOutput(pods, found)])
    .apply((parts) => parts.flatMap((part) => (part === undefined ? [] : `:${part}`)).join(""));

/** Annotation of an object that Pulumi does not wait for. */
export const UNAWAITED = { "pulumi.com/skipAwait": "true" } as const;

/** Hash of a pod template as the program gives it; of no secret: pods refer to Secrets by name. */
export const hashOfPods = (uid: pulumi.Input<string>, template: pulumi.Input<object>): pulumi.Output<string> =>
  pulumi.unsecret(
    pulumi.all([uid, template]).apply(([id, pods]) => hashOf({ uid: id, template: JSON.stringify(pods) })),
  );

/** How what runs outside of Pulumi's provider reaches the cluster. A kubeconfig that is given as content has credentials. */
export const clusterInputs = ({ settings }: Place) => {
  const { kubeconfig, context } = settings;
  return { kubeconfig: kubeconfig && isContent(kubeconfig) ? pulumi.secret(kubeconfig) : kubeconfig, context };
};
