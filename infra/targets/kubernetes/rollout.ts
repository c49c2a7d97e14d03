import * as pulumi from "@pulumi/pulumi";
import { LazyResource } from "../../../dynamic/lazy-resource.ts";
import { addedOutput } from "../../added-output.ts";
import type { CallersPath } from "./callers-path.ts";
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
  /** Changes with its pods; a new value is waited for. */
  readonly pods: pulumi.Input<string>;
  readonly timeoutSeconds: number;
  /** Pods as the program describes them; a live Deployment with others is written again. */
  readonly template: pulumi.Input<object>;
  /** Minimum number of pods, to which a live Deployment at 0 is scaled. */
  readonly replicas: number;
  /** Whether `replicas` is also the maximum. */
  readonly isFixed?: boolean;
  /** For the service: what leads callers to its pods. */
  readonly callers?: CallersPath;
  /** For the service: a failed rollout is undone and recorded in the history. */
  readonly record?: pulumi.Input<object> | undefined;
}

/**
 * Waits until a Deployment's pods run, and fails with the cluster's reason if they do not in time. Pulumi's own await takes ten
 * minutes and often does not say why: `UNAWAITED` turns it off.
 */
export class Rollout extends LazyResource {
  /** Hash of the pods, once they are available. */
  declare readonly pods: pulumi.Output<string>;
  /** When they became available; undefined in a state that an earlier release wrote. */
  declare readonly completed: pulumi.Output<string | undefined>;
  /** In a preview: why the live Deployment has to be waited for although the program has not changed. */
  declare readonly found: pulumi.Output<string | undefined>;

  constructor(name: string, args: RolloutArgs, opts?: pulumi.CustomResourceOptions) {
    const props = { ...args, completed: undefined, found: undefined };
    super("Rollout", "./infra/targets/kubernetes/rollout-provider.ts", name, props, opts);
  }
}

/** Changes after every wait for pods, which must then be verified again. */
export const runOf = ({ pods, completed, found }: Rollout): pulumi.Output<string> =>
  pulumi
    .all([addedOutput(pods, completed), addedOutput(pods, found)])
    .apply((parts) => parts.flatMap((part) => (part === undefined ? [] : `:${part}`)).join(""));

/**
 * Annotation of an object that Pulumi does not wait for. An update that is killed while Pulumi waits for a new object leaves it in the cluster and not in
 * the state: every later update then fails, because the object exists.
 */
export const UNAWAITED = { "pulumi.com/skipAwait": "true" } as const;

/** For `ignoreChanges` of objects that earlier releases created without the annotation, and that exist already. */
export const UNAWAITED_PATH = 'metadata.annotations["pulumi.com/skipAwait"]';

/** Hash of a pod template as the program describes it. It covers no secrets, because pods refer to Secrets by name. */
export const hashOfPods = (uid: pulumi.Input<string>, template: pulumi.Input<object>): pulumi.Output<string> =>
  pulumi.unsecret(
    pulumi.all([uid, template]).apply(([id, pods]) => hashOf({ uid: id, template: JSON.stringify(pods) })),
  );

/** Cluster access for code outside Pulumi's provider. A kubeconfig given as content contains credentials. */
export const clusterInputs = ({ settings }: Place) => {
  const { kubeconfig, context } = settings;
  return { kubeconfig: kubeconfig && isContent(kubeconfig) ? pulumi.secret(kubeconfig) : kubeconfig, context };
};
