import * as command from "@pulumi/command/local/index.js";
import * as pulumi from "@pulumi/pulumi";
import type { DataContract } from "../../data/contract/data-contract.ts";
import type { DataFormat } from "../../data/reader/data-format.ts";
import type { RegistryAccess } from "../../registry/mlflow-client.ts";
import type { RegistryInput } from "../../registry/registry-input.ts";
import type { GateTask } from "../../training/gate/judge.ts";
import type { Policy } from "../../training/gate/policy.ts";
import { QualityGate } from "../../training/gate/quality-gate.ts";
import { isKnownOutput } from "../added-output.ts";
import { stackId } from "../stack-id.ts";
import type { Target } from "../targets/target.ts";
import type { DataVersion } from "./data-version.ts";
import { parseTrainerOutput, type Trained } from "./trainer-output.ts";

export interface TrainingPipelineArgs {
  readonly registry: RegistryInput;
  /** Tracking URI, known even if the server is not running: a different registry requires a new training. */
  readonly registryUrl: string;
  /** Registered model's name. */
  readonly modelName: string;
  /** Snapshots: path and, from the DVC pointer, MD5. */
  readonly training: DataVersion;
  readonly evaluation: DataVersion;
  /** Against which the gate measures drift. */
  readonly reference?: DataVersion | undefined;
  /** A registered version to judge instead of training one. */
  readonly existingVersion?: string | undefined;
  readonly trainer: {
    /** Any program that keeps the trainer's contract. */
    readonly command: string;
    readonly params: Readonly<Record<string, string | number | boolean>>;
    /** Changes when the trainer's code does. */
    readonly sourceHash: string;
    /** Runs it; without it it is a command on this machine. */
    readonly run?: Target["trainer"];
  };
  readonly policy: Policy;
  /** How the snapshots are written, where the stack says so. */
  readonly dataFormat?: DataFormat | undefined;
  /** What the snapshots must be like, where the stack says so. */
  readonly contract?: DataContract | undefined;
  /** Fetches the snapshots before anything reads them, such as `dvc pull`; undefined where they are there already. */
  readonly pull?: string | undefined;
  /** PEM that the gate's verdict is signed with. */
  readonly signingKey?: pulumi.Input<string> | undefined;
}

/**
 * Trains and registers a candidate, or takes a registered one, and approves it only if it passes the quality gate.
 *
 * @example
 * const { gate } = new TrainingPipeline("churn-model", {
 *   registry: { trackingUri: "http://mlflow:5000" },
 *   registryUrl: "http://mlflow:5000",
 *   modelName: "churn-model",
 *   training: await dataVersion("data/train.csv"),
 *   evaluation: await dataVersion("data/evaluation.csv"),
 *   trainer: { command: "python train.py", params: { depth: 3 }, sourceHash: sourceHash(["train.py"]) },
 *   policy: { accuracy: { min: 0.85 } },
 * });
 */
export class TrainingPipeline extends pulumi.ComponentResource {
  readonly gate: QualityGate;
  /** The version that was trained or named, approved or not. */
  readonly candidateVersion: pulumi.Output<string>;

  constructor(name: string, args: TrainingPipelineArgs, opts?: pulumi.ComponentResourceOptions) {
    // Without the arguments: the engine would store them as inputs, which no stack has, and `run` is a function.
    super("promotion:training:TrainingPipeline", name, {}, opts);
    const { registry, modelName, training, evaluation, reference, policy, signingKey, existingVersion } = args;
    const pull = this.pullData(name, args);
    const trained = existingVersion === undefined ? this.train(name, args, pull) : undefined;
    this.candidateVersion = trained?.version ?? pulumi.output(existingVersion ?? "");
    const gateTask = {
      ...{ modelName, policy, evaluationData: evaluation.path, trainingData: training.path },
      ...(reference && { referenceData: reference.path }),
      ...(args.dataFormat && { dataFormat: args.dataFormat }),
      ...(args.contract && { contract: args.contract }),
    };
    this.gate = new QualityGate(
      `${name}-gate`,
      {
        registry,
        version: this.candidateVersion,
        ...(trained && { runId: trained.runId }),
        ...gateTask,
        evaluationMd5: evaluation.md5,
        trainingMd5: training.md5,
        ...(reference && { referenceMd5: reference.md5 }),
        ...(signingKey && { signingKey }),
        stack: stackId(),
      },
      { parent: this, dependsOn: pull },
    );
    if (pulumi.runtime.isDryRun()) this.showComingVerdict(pulumi.output(registry), gateTask);
    this.registerOutputs({
      candidateVersion: this.candidateVersion,
      approvedVersion: this.gate.approvedVersion,
      reportUri: this.gate.reportUri,
    });
  }

  /** Runs before the trainer and the gate whenever they run again: a fresh checkout has pointers but no data. */
  private pullData(name: string, args: TrainingPipelineArgs): command.Command[] {
    if (args.pull === undefined) return [];
    const { evaluation, reference, policy, contract } = args;
    const triggers = [
      args.pull,
      evaluation.md5,
      reference?.md5 ?? "",
      JSON.stringify(policy),
      ...(contract ? [JSON.stringify(contract)] : []),
      ...trainerTriggers(args),
    ];
    return [new command.Command(`${name}-data`, { create: args.pull, triggers }, { parent: this })];
  }

  private train(name: string, args: TrainingPipelineArgs, pull: command.Command[]): pulumi.Output<Trained> {
    const { registry, modelName, training, evaluation, trainer } = args;
    const environment = {
      MLFLOW_TRACKING_URI: registry.trackingUri,
      MLFLOW_TRACKING_USERNAME: registry.username ?? "",
      MLFLOW_TRACKING_PASSWORD: registry.password ?? "",
      MLFLOW_TRACKING_TOKEN: registry.token ?? "",
      MLFLOW_EXPERIMENT_NAME: modelName,
      MODEL_NAME: modelName,
      TRAINING_DATA: training.path,
      EVALUATION_DATA: evaluation.path,
      TRAINING_PARAMS: JSON.stringify(trainer.params),
      ...(args.dataFormat && { DATA_FORMAT: JSON.stringify(args.dataFormat) }),
    };
    const run = trainer.run ?? runCommand;
    const task = { command: trainer.command, environment, triggers: trainerTriggers(args) };
    const stdout = run(`${name}-trainer`, task, { parent: this, dependsOn: pull });
    // A version number is not a secret, even if the trainer received one.
    return pulumi.unsecret(stdout).apply(parseTrainerOutput);
  }

  /**
   * A preview runs no dynamic provider, so the program itself asks the gate. Where a training is coming, the version is not known
   * in a preview: how many rows the policy needs is.
   */
  private showComingVerdict(registry: pulumi.Output<RegistryAccess>, task: Omit<GateTask, "version">): void {
    pulumi.output(isKnownOutput(this.candidateVersion)).apply(async (isKnown) => {
      if (isKnown) return;
      const { comingRows } = await import("../../training/gate/coming-rows.ts");
      const line = await comingRows(task);
      if (line) await pulumi.log.info(line, this);
    });
    pulumi.all([registry, this.candidateVersion]).apply(async ([access, version]) => {
      // Loaded here only: an update does not pay for it.
      const { comingVerdict } = await import("../../training/gate/coming-verdict.ts");
      const line = await comingVerdict(access as RegistryAccess, { ...task, version });
      if (line) await pulumi.log.info(line, this);
    });
  }
}

/** Changes to these lead to a new model. */
const trainerTriggers = ({ training, trainer, registryUrl, dataFormat }: TrainingPipelineArgs): string[] => [
  training.md5,
  JSON.stringify(trainer.params),
  trainer.command,
  trainer.sourceHash,
  registryUrl,
  ...(dataFormat ? [JSON.stringify(dataFormat)] : []),
];

/**
 * What opens the stack's state, the key that signs verdicts in it. A command gets the engine's environment, and a trainer is anybody's
 * program, which may log its own to the registry.
 */
const KEPT_BACK = { PULUMI_CONFIG_PASSPHRASE: "", PULUMI_CONFIG_PASSPHRASE_FILE: "", PULUMI_ACCESS_TOKEN: "" };

/** Runs the trainer as a command on this machine. */
const runCommand: NonNullable<Target["trainer"]> = (name, { command: create, environment, triggers }, opts) =>
  new command.Command(
    name,
    { create, environment: { ...environment, ...KEPT_BACK }, triggers: [...triggers] },
    // What has to lead to a new model is a trigger. A rotated password is not. By its entries: the command provider compares a property
    // that is ignored by its name with the outputs, and would run again on every `up` once a policy has made an entry secret.
    { ...opts, ignoreChanges: ["environment.*"] },
  ).stdout;
