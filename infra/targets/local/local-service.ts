import type * as pulumi from "@pulumi/pulumi";
import { LazyResource } from "../../../dynamic/lazy-resource.ts";

export interface LocalServiceArgs {
  /** Name of the service, unique in its folder; also the name of its log file. */
  readonly processName: pulumi.Input<string>;
  /** Folder for its log and its identity, relative to the project's root. */
  readonly folder: pulumi.Input<string>;
  readonly command: pulumi.Input<pulumi.Input<string>[]>;
  /** The process gets these variables, PORT, SHARED_PORT, PATH, HOME and similar ones, but nothing else of the engine's environment. */
  readonly environment: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** Loopback TCP port of callers. */
  readonly port: pulumi.Input<number>;
  /** Path that answers 2xx once the process is ready. */
  readonly healthPath: pulumi.Input<string>;
  /** Seconds until it must be ready. */
  readonly startSeconds: pulumi.Input<number>;
  /** `project/stack`: no other stack may stop it. */
  readonly stack: string;
}

/** A process of the inference service on a port of its own, beside the one that serves callers; see LocalRelease. */
export class LocalService extends LazyResource {
  /** The requested name, or the name that an earlier release gave it. */
  declare readonly processName: pulumi.Output<string>;
  /** Base URL on its own port, without a slash at the end: where it is verified. */
  declare readonly url: pulumi.Output<string>;
  /** Process id and start time. */
  declare readonly instance: pulumi.Output<string>;
  declare readonly logFile: pulumi.Output<string>;

  constructor(name: string, args: LocalServiceArgs, opts?: pulumi.CustomResourceOptions) {
    const outputs = { url: undefined, instance: undefined, logFile: undefined };
    super("LocalService", "./infra/targets/local/local-service-provider.ts", name, { ...args, ...outputs }, opts);
  }
}
