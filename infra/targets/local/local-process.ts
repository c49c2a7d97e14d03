import type * as pulumi from "@pulumi/pulumi";
import { LazyResource } from "../../../dynamic/lazy-resource.ts";
import type { ProcessData } from "./local-process-provider.ts";

export interface LocalProcessArgs {
  /** Name of the process, unique in its folder; also the name of its log file. */
  readonly processName: pulumi.Input<string>;
  /** Folder for its log and its identity, relative to the project's root. */
  readonly folder: pulumi.Input<string>;
  readonly command: pulumi.Input<pulumi.Input<string>[]>;
  /** The process gets these variables, PATH, HOME and similar ones, but nothing else of the engine's environment. */
  readonly environment: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** Loopback TCP port that it listens on. */
  readonly port: pulumi.Input<number>;
  /** Base URL that it answers at, without a slash at the end. */
  readonly url: pulumi.Input<string>;
  /** Path that answers 2xx once the process is ready. */
  readonly healthPath: pulumi.Input<string>;
  /** Seconds until it must be ready. */
  readonly startSeconds: pulumi.Input<number>;
  /** `project/stack`: no other stack may stop it. */
  readonly stack: string;
  readonly data?: ProcessData;
  /** Config key of the port, for errors. */
  readonly portSetting: string;
}

/** A process on this machine that outlives the update that started it. */
export class LocalProcess extends LazyResource {
  /** The URL, for resources that need the process to run first. Known even in a preview. */
  declare readonly url: pulumi.Output<string>;
  /** Process id and start time. */
  declare readonly instance: pulumi.Output<string>;
  declare readonly logFile: pulumi.Output<string>;

  constructor(name: string, args: LocalProcessArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      "LocalProcess",
      "./infra/targets/local/local-process-provider.ts",
      name,
      { ...args, instance: undefined, logFile: undefined },
      opts,
    );
  }
}
