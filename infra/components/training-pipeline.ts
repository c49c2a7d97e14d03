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
import { stackId, type Target } from "../targets/target.ts";
import type { DataVersion } from "./data-version.ts";
import { parseTrainerOutput, type Trained } from "./trainer-output.ts";
import { builtInCommand } from "./trainer-source.ts";

export interface TrainingPipelineArgs {
  readonly registry: RegistryInput;
  /** Tracking URI, known even while the server is not running. A different registry triggers training. */
  readonly registryUrl: string;
  /** Registered model's name. */
  readonly modelName: string;
  /** Snapshots: path and, from the DVC pointer, MD5. */
  readonly training: DataVersion;
  readonly evaluation: DataVersion;
  /** Snapshot that the gate measures drift against. */
  readonly reference?: DataVersion | undefined;
  /** A registered version to evaluate instead of training one. */
  readonly existingVersion?: string | undefined;
  readonly trainer: {
    /** Any program that follows the trainer contract. */
    readonly command: string;
    readonly params: Readonly<Record<string, string | number | boolean>>;
    /** Changes whenever the trainer's code does. */
    readonly sourceHash: string;
    /** Runs the trainer; by default it is a command on this machine. */
    readonly run?: Target["trainer"];
  };
  readonly policy: Policy;
  /** Format of the snapshots, if the stack sets it. */
  readonly dataFormat?: DataFormat | undefined;
  /** Whether the program has already checked that the snapshots have the columns which format and policy name; by default the component does. */
  readonly areColumnsChecked?: boolean;
  /** Data contract, if the stack has one. */
  readonly contract?: DataContract | undefined;
  /** Command that fetches the snapshots before anything reads them, such as `dvc pull`; undefined if they are already there. */
  readonly pull?: string | undefined;
  /** PEM of the key that signs the gate's verdict. */
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
  /** The trained or named version, approved or not. */
  readonly candidateVersion: pulumi.Output<string>;

  constructor(name: string, args: TrainingPipelineArgs, opts?: pulumi.ComponentResourceOptions) {
    // No arguments: the engine would store them as inputs, which existing stacks lack, and `run` is a function.
    super("promotion:training:TrainingPipeline", name, {}, opts);
    const { registry, modelName, training, evaluation, reference, policy, signingKey, existingVersion } = args;
    const pulled = this.pullData(name, args);
    const pull = args.areColumnsChecked ? pulled : requireColumns(args).then(() => pulled);
    const trained = existingVersion === undefined ? this.train(name, args, pull) : undefined;
    this.candidateVersion = trained?.version ?? pulumi.output(existingVersion ?? "");
    const gateTask = {
      modelName,
      policy,
      evaluationData: evaluation.path,
      trainingData: training.path,
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
    if (pulumi.runtime.isDryRun()) this.previewGate(pulumi.output(registry), gateTask);
    this.registerOutputs({
      candidateVersion: this.candidateVersion,
      approvedVersion: this.gate.approvedVersion,
      reportUri: this.gate.reportUri,
    });
  }

  /** Runs before the trainer and the gate whenever they run, because a fresh checkout has pointers but no data. */
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

  private train(name: string, args: TrainingPipelineArgs, pull: DataCommands): pulumi.Output<Trained> {
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
   * Shows the gate's verdict in a preview, where no dynamic provider runs. If training is due, the version is not known
   * yet, so the preview shows how many rows the policy requires.
   */
  private previewGate(registry: pulumi.Output<RegistryAccess>, task: Omit<GateTask, "version">): void {
    pulumi.output(isKnownOutput(this.candidateVersion)).apply(async (isKnown) => {
      if (isKnown) return;
      const { previewRows } = await import("../../training/gate/preview-rows.ts");
      const line = await previewRows(task);
      if (line) await pulumi.log.info(line, this);
    });
    pulumi.all([registry, this.candidateVersion]).apply(async ([access, version]) => {
      // Loaded only here, so that an update does not pay for it.
      const { previewVerdict } = await import("../../training/gate/preview-verdict.ts");
      const line = await previewVerdict(access as RegistryAccess, { ...task, version });
      if (line) await pulumi.log.info(line, this);
    });
  }
}

/** Commands that provide the data. */
type DataCommands = command.Command[] | Promise<command.Command[]>;

/** Rejects columns that the arguments name and the snapshots lack; see named-columns.ts. */
async function requireColumns(args: TrainingPipelineArgs): Promise<void> {
  const { training, evaluation, reference, dataFormat, policy, trainer, existingVersion, pull } = args;
  // Loaded only here: a program that has checked them does not pay for it.
  const names = await import("../named-columns.ts");
  await names.requireColumns(
    {
      snapshots: {
        training: training.path,
        evaluation: evaluation.path,
        ...(reference && { reference: reference.path }),
      },
      format: dataFormat,
      policy,
      fitsLabels: trainer.command === builtInCommand() && existingVersion === undefined,
      keys: { format: "dataFormat", policy: "policy" },
      owner: "",
      wayOut: () => "",
    },
    pull !== undefined || trainer.run !== undefined,
  );
}

/** Values whose change triggers training. */
const trainerTriggers = ({ training, trainer, registryUrl, dataFormat }: TrainingPipelineArgs): string[] => [
  training.md5,
  JSON.stringify(trainer.params),
  trainer.command,
  trainer.sourceHash,
  registryUrl,
  ...(dataFormat ? [JSON.stringify(dataFormat)] : []),
];

/**
 * Variables that give access to the stack's state, which contains the signing key. A command inherits the engine's environment, and a trainer may be any
 * program that logs its environment to the registry.
 */
const WITHHELD = { PULUMI_CONFIG_PASSPHRASE: "", PULUMI_CONFIG_PASSPHRASE_FILE: "", PULUMI_ACCESS_TOKEN: "" };

/** Runs the trainer as a command on this machine. */
const runCommand: NonNullable<Target["trainer"]> = (name, { command: create, environment, triggers }, opts) =>
  new command.Command(
    name,
    { create, environment: { ...environment, ...WITHHELD }, triggers: [...triggers] },
    // Only values that require training are triggers; a rotated password does not. `environment.*` ignores each entry: the command provider
    // compares a property that is ignored as a whole with the outputs, and would run on every `up` once a policy has made an entry secret.
    { ...opts, ignoreChanges: ["environment.*"] },
  ).stdout;
