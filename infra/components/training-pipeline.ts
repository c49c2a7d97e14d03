import * as command from "@pulumi/command/local/index.js";
import * as pulumi from "@pulumi/pulumi";
import type { RegistryInput } from "../../registry/registry-input.ts";
import type { Policy } from "../../training/gate/policy.ts";
import { QualityGate } from "../../training/gate/quality-gate.ts";
import { parseTrainerOutput } from "./trainer-output.ts";

export interface TrainingPipelineArgs {
  readonly registry: RegistryInput;
  /** Registered model's name. */
  readonly modelName: string;
  /** Snapshots: path and, from the DVC pointer, MD5. */
  readonly training: DataVersion;
  readonly evaluation: DataVersion;
  readonly trainer: {
    /** Any program that keeps the trainer's contract. */
    readonly command: string;
    readonly params: Readonly<Record<string, string | number | boolean>>;
    /** Changes when the trainer's code does. */
    readonly sourceHash: string;
  };
  readonly policy: Policy;
}

export interface DataVersion {
  readonly path: string;
  readonly md5: string;
}

/** Trains a candidate, registers it, and lets it through only if the quality gate does. */
export class TrainingPipeline extends pulumi.ComponentResource {
  readonly gate: QualityGate;
  /** The version that was trained, approved or not. */
  readonly candidateVersion: pulumi.Output<string>;

  constructor(name: string, args: TrainingPipelineArgs, opts?: pulumi.ComponentResourceOptions) {
    super("promotion:training:TrainingPipeline", name, {}, opts);
    const { registry, modelName, training, evaluation, trainer, policy } = args;
    const params = JSON.stringify(trainer.params);
    const train = new command.Command(
      `${name}-trainer`,
      {
        create: trainer.command,
        environment: {
          MLFLOW_TRACKING_URI: registry.trackingUri,
          MLFLOW_TRACKING_USERNAME: registry.username ?? "",
          MLFLOW_TRACKING_PASSWORD: registry.password ?? "",
          MLFLOW_TRACKING_TOKEN: registry.token ?? "",
          MLFLOW_EXPERIMENT_NAME: modelName,
          MODEL_NAME: modelName,
          TRAINING_DATA: training.path,
          EVALUATION_DATA: evaluation.path,
          TRAINING_PARAMS: params,
        },
        triggers: [training.md5, params, trainer.command, trainer.sourceHash, registry.trackingUri],
      },
      // What has to lead to a new model is a trigger. A rotated password is not.
      { parent: this, ignoreChanges: ["environment"] },
    );
    // A version number is no secret, even if the trainer was given one.
    this.candidateVersion = pulumi.unsecret(train.stdout).apply((stdout) => parseTrainerOutput(stdout).version);
    this.gate = new QualityGate(
      `${name}-gate`,
      {
        ...{ registry, modelName, version: this.candidateVersion, policy },
        ...{ evaluationData: evaluation.path, evaluationMd5: evaluation.md5 },
      },
      { parent: this },
    );
    this.registerOutputs({
      candidateVersion: this.candidateVersion,
      approvedVersion: this.gate.approvedVersion,
      reportUri: this.gate.reportUri,
    });
  }
}
