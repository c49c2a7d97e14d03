import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import * as command from "@pulumi/command/local/index.js";
import * as pulumi from "@pulumi/pulumi";
import { ownFile } from "../../../dynamic/own-package.ts";
import { STAGES } from "../../../registry/evidence.ts";
import {
  type MlflowServer,
  type ModelPackage,
  type ModelPackageArgs,
  ownName,
  type RunningService,
  type ServiceArgs,
  type ServicePage,
  stackId,
  type Target,
} from "../target.ts";
import { LocalProcess } from "./local-process.ts";
import { LocalRelease } from "./local-release.ts";
import { LocalService } from "./local-service.ts";
import { LOCAL_DEFAULTS, MLFLOW_ENVIRONMENT, mlflowCommand } from "./mlflow-command.ts";
import { ModelFolder } from "./model-folder.ts";

// The first start compiles several thousand Python files.
const MLFLOW_START_SECONDS = 120;
const SERVICE_START_SECONDS = 30;

/** Quotes for a POSIX shell. Plain paths stay unquoted, so that they read well in a preview. */
const quote = (text: string) => (/^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

const pageEnvironment = (page: ServicePage | undefined): Record<string, pulumi.Input<string>> =>
  page
    ? {
        MODEL_CARD: pulumi.output(page.card).apply((card) => JSON.stringify(card)),
        ...(page.driftReference !== undefined && { DRIFT_REFERENCE: page.driftReference }),
        ...(page.otherUrl !== undefined && { OTHER_URL: page.otherUrl }),
        ...(page.contract && { DATA_CONTRACT: page.contract.text, DATA_CONTRACT_MODE: page.contract.mode }),
      }
    : {};

export interface LocalTargetArgs {
  /** Folder for MLflow's data, models, logs and process records, relative to the Pulumi program (`.local`). */
  readonly dataFolder?: string;
  /** Folder of the MLflow server's Python environment, created when it is missing (`.venv`). */
  readonly pythonVenv?: string;
  /** Loopback TCP port of the MLflow server (5050). */
  readonly mlflowPort?: number;
  /** Whether callers move back to the former version when the new one fails its check after the switch (true). */
  readonly autoRollback?: boolean | undefined;
}

/**
 * Runs everything on this machine: MLflow and services as processes on the loopback interface, models as folders.
 *
 * @example
 * const target = localTarget({ dataFolder: ".local", mlflowPort: 5050 });
 * const { trackingUri } = target.mlflowServer("mlflow");
 */
export function localTarget(args: LocalTargetArgs = {}): Target {
  const {
    dataFolder = LOCAL_DEFAULTS.dataFolder,
    pythonVenv = LOCAL_DEFAULTS.pythonVenv,
    mlflowPort = LOCAL_DEFAULTS.mlflowPort,
    autoRollback = true,
  } = args;
  const processes = `${dataFolder}/processes`;

  const mlflowServer = (name: string, opts: pulumi.CustomResourceOptions = {}): MlflowServer => {
    const makeVenv = ownFile("infra/targets/local/python-venv-cli.ts");
    const requirements = ownFile("infra/targets/local/requirements.txt");
    const python = new command.Command(
      `${name}-python`,
      {
        create: `node ${quote(makeVenv)} ${quote(pythonVenv)} ${quote(requirements)}`,
        triggers: [createHash("sha256").update(readFileSync(requirements)).digest("hex")],
      },
      opts,
    );
    const url = `http://127.0.0.1:${mlflowPort}`;
    const server = new LocalProcess(
      `${name}-server`,
      {
        processName: ownName("mlflow"),
        folder: processes,
        stack: stackId(),
        data: {
          folder: dataFolder,
          what: `the registry in ${dataFolder}`,
          wayOut: "Use it (mlflow.trackingUri), or set another local.dataFolder",
          formerName: "mlflow",
        },
        portSetting: "mlflow.port",
        command: mlflowCommand({ python: `${pythonVenv}/bin/python`, port: mlflowPort, dataFolder }),
        environment: MLFLOW_ENVIRONMENT,
        port: mlflowPort,
        url,
        healthPath: "/health",
        startSeconds: MLFLOW_START_SECONDS,
      },
      { ...opts, dependsOn: [python] },
    );
    return { trackingUri: server.url, url };
  };

  const modelPackage = (name: string, args: ModelPackageArgs, opts: pulumi.CustomResourceOptions): ModelPackage => {
    const { registry, model, gatePublicKey } = args;
    const { name: modelName, version, sha256, attestation } = model;
    const folder = new ModelFolder(
      `${name}-model`,
      {
        registry,
        modelName,
        version,
        sha256,
        folder: `${dataFolder}/models`,
        ...(gatePublicKey && { gatePublicKey }),
        ...(attestation !== undefined && { attestation }),
      },
      opts,
    );
    return { reference: folder.path };
  };

  const service = (name: string, args: ServiceArgs, opts: pulumi.CustomResourceOptions): RunningService => {
    const callersUrl = `http://127.0.0.1:${args.port}`;
    const { url, instance, processName } = new LocalService(
      `${name}-service`,
      {
        processName: pulumi.output(args.model.name).apply(ownName),
        folder: processes,
        stack: stackId(),
        // A small young generation halves the memory, and is faster because it fits the processor's caches.
        command: ["node", "--max-semi-space-size=4", ownFile("service/main.ts")],
        environment: {
          MODEL_URI: args.package.reference,
          MODEL_NAME: args.model.name,
          MODEL_VERSION: args.model.version,
          MODEL_SHA256: args.model.sha256,
          MODEL_STAGE: STAGES[args.environment],
          ...(args.gatePublicKey !== undefined && { GATE_PUBLIC_KEY: args.gatePublicKey }),
          ...(args.apiToken && { API_TOKEN: args.apiToken }),
          ...pageEnvironment(args.page),
          // A restart reuses the compiled TypeScript and is ready in a third less time.
          NODE_COMPILE_CACHE: `${dataFolder}/compile-cache`,
        },
        port: args.port,
        healthPath: "/ready",
        startSeconds: SERVICE_START_SECONDS,
      },
      opts,
    );
    const release = (version: pulumi.Output<string>) =>
      new LocalRelease(
        `${name}-release`,
        {
          processName,
          folder: processes,
          instance,
          version,
          sha256: args.model.sha256,
          port: args.port,
          url: callersUrl,
          registry: args.registry,
          environment: args.environment,
          modelName: args.model.name,
          autoRollback,
        },
        opts,
      ).url;
    return { url, instance, callersUrl, release };
  };

  return { mlflowServer, modelPackage, service };
}
