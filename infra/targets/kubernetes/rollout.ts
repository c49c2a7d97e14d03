import * as pulumi from "@pulumi/pulumi";
import { LazyResource } from "../../../dynamic/lazy-resource.ts";
import { addedOutput } from "../../added-output.ts";
import type { CallersPath } from "./callers-path.ts";
import { isContent } from "./cluster-arguments.ts";
import { hashOf } from "./hashed-config.ts";
import type { StackScope } from "./stack-scope.ts";

export interface RolloutArgs {
  /** Kubeconfig's file or content, and its context. */
  readonly kubeconfig?: pulumi.Input<string> | undefined;
  readonly context?: string | undefined;
  readonly namespace: string;
  /** Name of the Deployment. */
  readonly deployment: pulumi.Input<string>;
  /** Changes with its pods; a new value starts another wait. */
  readonly pods: pulumi.Input<string>;
  readonly timeoutSeconds: number;
  /** Pod template as the program describes it; a live Deployment that differs is restored. */
  readonly template: pulumi.Input<object>;
  /** Minimum number of pods, to which a live Deployment at 0 is scaled. */
  readonly replicas: number;
  /** Whether `replicas` is also the maximum. */
  readonly isFixed?: boolean;
  /** For the service: the objects that route callers to its pods. */
  readonly callers?: CallersPath;
  /** For the service: a failed rollout is undone and recorded in the history. */
  readonly record?: pulumi.Input<object> | undefined;
}

/**
 * Waits until a Deployment's pods run, and fails with the cluster's reason if they do not in time. Pulumi's own await takes ten
 * minutes and often gives no reason: `UNAWAITED` turns it off.
 */
export class Rollout extends LazyResource {
  /** Hash of the pods, once they are available. */
  declare readonly pods: pulumi.Output<string>;
  /** When they became available; undefined in a state that an earlier release wrote. */
  declare readonly completed: pulumi.Output<string | undefined>;
  /** In a preview: why the live Deployment must be rolled out again although the program has not changed. */
  declare readonly found: pulumi.Output<string | undefined>;

  constructor(name: string, args: RolloutArgs, opts?: pulumi.CustomResourceOptions) {
    const props = { ...args, completed: undefined, found: undefined };
    super("Rollout", "./infra/targets/kubernetes/rollout-provider.ts", name, props, opts);
  }
}

/** Returns a text that changes after every rollout, whose pods must then be verified again. */
export const runOf = ({ pods, completed, found }: Rollout): pulumi.Output<string> =>
  pulumi
    .all([addedOutput(pods, completed), addedOutput(pods, found)])
    .apply((parts) => parts.flatMap((part) => (part === undefined ? [] : `:${part}`)).join(""));

/**
 * Annotation of an object that Pulumi does not wait for. An update that is killed while Pulumi waits for a new object leaves it in the cluster but not in
 * the state: every later update then fails, because the object already exists.
 */
export const UNAWAITED = { "pulumi.com/skipAwait": "true" } as const;

/** For `ignoreChanges` of existing objects that earlier releases created without the annotation. */
export const UNAWAITED_PATH = 'metadata.annotations["pulumi.com/skipAwait"]';

/** Hashes a pod template as the program describes it. It contains no secrets, because pods refer to Secrets by name. */
export const hashOfPods = (uid: pulumi.Input<string>, template: pulumi.Input<object>): pulumi.Output<string> =>
  pulumi.unsecret(
    pulumi.all([uid, template]).apply(([id, pods]) => hashOf({ uid: id, template: JSON.stringify(pods) })),
  );

/** Returns the cluster access for dynamic providers. A kubeconfig given as content is secret, because it contains credentials. */
export const clusterInputs = ({ settings }: StackScope) => {
  const { kubeconfig, context } = settings;
  return { kubeconfig: kubeconfig && isContent(kubeconfig) ? pulumi.secret(kubeconfig) : kubeconfig, context };
};
