/**
 * The common part of `up`, `preview`, `refresh` and `destroy`.
 * @module
 */
import { availableParallelism } from "node:os";
import { createInterface } from "node:readline/promises";
import { chooseDisplay } from "../display/choose.ts";
import { AlreadyReported, EXIT, failsLater, UserError } from "../failure.ts";
import { type EngineSocket, openEngineSocket } from "../monitor/engine-socket.ts";
import { coerce, parseConfigPath, setConfig } from "../project/config-path.ts";
import { fullKey } from "../project/config-value.ts";
import { editStackConfig, type StackConfig } from "../project/stack-config.ts";
import { encrypting } from "../properties/stored.ts";
import { SecretMask } from "../secrets/mask.ts";
import { checkpointSaver, loadDeployment } from "../state/backend.ts";
import type { RawDeployment, Snapshot } from "../state/checkpoint.ts";
import { PULUMI_VERSION } from "../state/checkpoint.ts";
import { CheckpointWriter } from "../state/checkpoint-text.ts";
import { addToHistory } from "../state/history.ts";
import { qualifiedName, type StackName } from "../state/layout.ts";
import { takeLock } from "../state/lock.ts";
import { type SnapshotBase, SnapshotManager } from "../state/snapshot-manager.ts";
import type { JsonMap } from "../state/stored-resource.ts";
import { Selection, type SelectionFlags } from "../steps/selection.ts";
import type { Op } from "../steps/step.ts";
import { type FlagTable, flag, list, number, type Parsed, text } from "./arguments.ts";
import { Context } from "./context.ts";
import { type OpenConfig, openConfig, openSnapshot, readConfigOf } from "./open-stack.ts";
import { hasChanges, type OperationOptions, type OperationResult, runOperation } from "./operation.ts";
import type { ProgramSession } from "./program-session.ts";
import { readOutputsOf } from "./read-outputs.ts";
import { openSecrets, type StackSecrets } from "./secrets.ts";
import { selectionOf } from "./selection-flags.ts";
import { Session } from "./session.ts";

export const DEPLOY_FLAGS: FlagTable = {
  parallel: { kind: "string", short: "p" },
  diff: { kind: "boolean" },
  json: { kind: "boolean", short: "j" },
  refresh: { kind: "boolean", short: "r" },
  "expect-no-changes": { kind: "boolean" },
  config: { kind: "list", short: "c" },
  "config-path": { kind: "boolean" },
  message: { kind: "string", short: "m" },
  "show-sames": { kind: "boolean" },
  "show-secrets": { kind: "boolean" },
  "suppress-outputs": { kind: "boolean" },
  "suppress-permalink": { kind: "string" },
  "suppress-progress": { kind: "boolean" },
};

const LABELS = {
  update: ["Previewing update", "Updating"],
  refresh: ["Previewing refresh", "Refreshing"],
  destroy: ["Previewing destroy", "Destroying"],
} as const;

export class Deploy {
  readonly context: Context;
  readonly name: StackName;
  readonly #kind: OperationOptions["kind"];
  readonly #mask = new SecretMask();
  readonly #parallel: number;
  #selection: SelectionFlags;
  #secrets: Promise<StackSecrets> | undefined;

  constructor(parsed: Parsed, kind: OperationOptions["kind"]) {
    this.#selection = selectionOf(parsed);
    this.context = new Context(parsed);
    this.#kind = kind;
    this.name = this.context.stack();
    this.#parallel = number(parsed, "parallel", 4 * availableParallelism(), 1);
  }

  get parsed(): Parsed {
    return this.context.parsed;
  }

  /** Runs previews and updates, under one lock if `locked`. */
  async run<T>(work: (runs: Runs) => Promise<T>, locked: boolean): Promise<T> {
    const { layout, project } = this.context;
    const lock = locked ? takeLock(layout, this.name) : undefined;
    const unlock = () => lock?.release();
    process.once("exit", unlock);
    const session = new Session(project, this.name, this.#mask, readOutputsOf(layout, project.name, this.#mask));
    try {
      return await work(await this.#prepare(session));
    } finally {
      await session.close();
      unlock();
      process.off("exit", unlock);
    }
  }

  async #prepare(session: Session): Promise<Runs> {
    const { context, name } = this;
    const file = context.configFile(name);
    const stackConfig = this.#withGivenConfig(readConfigOf(file, context.project));
    const raw = loadDeployment(context.layout, name);
    const secrets = () => {
      this.#secrets ??= openSecrets(stackConfig.salt ?? raw.salt);
      return this.#secrets;
    };
    // Deriving the key takes time, so it starts now and is ready when needed.
    failsLater(secrets());
    const config = await openConfig(context.project, name, stackConfig, secrets, this.#mask, this.#kind === "update");
    return { deploy: this, session, raw, config, secrets };
  }

  /** Applies `--config key=value` to this run, and stores it in the stack's config, as the CLI does. */
  #withGivenConfig(stackConfig: StackConfig): StackConfig {
    const { project } = this.context;
    const byPath = flag(this.parsed, "config-path");
    let config = stackConfig.config;
    const changed = new Set<string>();
    for (const pair of list(this.parsed, "config")) {
      const cut = pair.indexOf("=");
      if (cut < 1) throw new UserError(`config value must be in the form [key]=[value], got "${pair}"`);
      const [name, value] = [pair.slice(0, cut), pair.slice(cut + 1)];
      const at = byPath ? parseConfigPath(name, project.name) : { key: fullKey(name, project.name), path: [] };
      config = setConfig(config, at, at.path.length > 0 ? coerce(value) : value, name);
      changed.add(at.key);
    }
    if (changed.size > 0)
      editStackConfig(stackConfig.file, {
        set: Object.fromEntries([...changed].map((key) => [key, config[key] ?? null])),
      });
    return { ...stackConfig, config };
  }

  /** Reads the stack's current resources. */
  snapshot({ raw, secrets }: Runs): Promise<Snapshot> {
    return openSnapshot(this.context.layout, this.name, raw, secrets, this.#mask);
  }

  /** Excludes these from now on, as if `--exclude` named them. */
  exclude(urns: readonly string[]): void {
    this.#selection = { ...this.#selection, excludes: [...this.#selection.excludes, ...urns] };
  }

  async operate(runs: Runs, preview: boolean): Promise<OperationResult> {
    const { session, config } = runs;
    const { project } = this.context;
    const startTime = Math.floor(Date.now() / 1000);
    const options: OperationOptions = {
      kind: this.#kind,
      preview,
      refresh: flag(this.parsed, "refresh"),
      parallel: this.#parallel,
      selection: this.#selection,
    };
    const display = chooseDisplay(this.parsed, {
      project: project.name,
      stack: this.name.stack,
      preview,
      label: LABELS[this.#kind][preview ? 0 : 1],
      mask: this.#mask.apply,
      config: redactedConfig(config),
    });
    // The program may print before any provider is needed.
    session.show(display);
    const socket: EngineSocket | undefined = this.#kind === "update" ? await openEngineSocket() : undefined;
    let program: ProgramSession | undefined;
    try {
      // The program is the slowest part, so it starts first and everything else happens while it loads.
      program = socket && session.startProgram(socket, config.program, preview, this.#parallel);
      const sources = dynamicSources(runs.raw.resources);
      if (sources.length > 0) failsLater(session.startDynamic().call("expect", { sources }));
      const snapshot = await this.snapshot(runs);
      const base: SnapshotBase = { resources: snapshot.resources, pendingOperations: snapshot.pendingOperations };
      this.#requireSelected(runs, snapshot, preview, startTime);
      const snapshots = preview ? undefined : await this.#snapshots(runs, base);
      const result = await runOperation(session, options, display, base, snapshots, program);
      if (!preview) this.#addToHistory(runs, result, startTime);
      return result;
    } catch (error) {
      if (program) await program.stop();
      else socket?.close();
      throw error;
    }
  }

  /** A refresh or a destroy creates no resources, so flags can name only existing ones. */
  #requireSelected(runs: Runs, { resources }: Snapshot, preview: boolean, startTime: number): void {
    if (this.#kind === "update") return;
    const { targets, excludes } = new Selection(this.#selection);
    const known = new Set(resources.map(({ urn }) => urn));
    const missing = [...targets.literals, ...excludes.literals].find((urn) => !known.has(urn));
    if (missing === undefined) return;
    if (!preview) this.#addToHistory(runs, { failed: true, changes: {} }, startTime);
    throw new UserError(`no resource named '${missing}' found`);
  }

  async #snapshots(runs: Runs, base: SnapshotBase): Promise<SnapshotManager> {
    const { layout } = this.context;
    const { salt, crypter, created } = await runs.secrets();
    if (created) editStackConfig(runs.config.stackConfig.file, { salt });
    const writer = new CheckpointWriter(qualifiedName(this.name), salt, encrypting(crypter));
    const save = checkpointSaver(layout, this.name);
    return new SnapshotManager(base, (resources, operations) => save(writer.contents(resources, operations)));
  }

  #addToHistory(runs: Runs, { failed, changes }: OperationResult, startTime: number): void {
    addToHistory(this.context.layout, this.name, {
      kind: this.#kind,
      startTime,
      message: text(this.parsed, "message") ?? "",
      // The CLI adds pulumi.arch: its absence shows that this engine made the update.
      environment: { "exec.kind": "cli", "pulumi.os": process.platform, "pulumi.version": PULUMI_VERSION },
      config: runs.config.config as JsonMap,
      version: 0,
      result: failed ? "failed" : "succeeded",
      endTime: Math.floor(Date.now() / 1000),
      resourceChanges: changes as Record<Op, number>,
    });
  }
}

export interface Runs {
  readonly deploy: Deploy;
  readonly session: Session;
  readonly raw: RawDeployment;
  readonly config: OpenConfig;
  readonly secrets: () => Promise<StackSecrets>;
}

/** Returns the distinct serialized providers of all dynamic resources in a state. */
function dynamicSources(entries: readonly unknown[]): unknown[] {
  const resources = entries as readonly ({ type?: unknown; inputs?: { __provider?: unknown } } | null)[];
  const dynamic = resources.filter((entry) => String(entry?.type).startsWith("pulumi-nodejs:dynamic"));
  return [...new Set(dynamic.map((entry) => entry?.inputs?.__provider))];
}

const redactedConfig = ({ program }: OpenConfig): Record<string, string> =>
  Object.fromEntries(
    Object.entries(program.texts).map(([key, value]) => [key, program.secretKeys.includes(key) ? "[secret]" : value]),
  );

const isTruthy = (text = ""): boolean => text === "1" || text.toLowerCase() === "true";

/** Asks for confirmation; without a terminal, a flag must have confirmed already. */
export async function confirm(parsed: Parsed, what: string, otherFlag = ""): Promise<void> {
  if (flag(parsed, "yes") || isTruthy(process.env.PULUMI_SKIP_CONFIRMATIONS)) return;
  if (!process.stdin.isTTY || !process.stdout.isTTY || flag(parsed, "non-interactive"))
    throw new UserError(`--yes${otherFlag} must be passed in to proceed when running in non-interactive mode`, {
      exitCode: EXIT.configuration,
    });
  const readline = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await readline
    .question(`Do you want to perform this ${what}? (yes/no) `)
    .finally(() => readline.close());
  if (!/^y(es)?$/i.test(answer.trim())) throw new UserError(`confirmation declined, not proceeding with the ${what}`);
}

/** Returns the exit code of an operation. With `--expect-no-changes`, any change is a failure. */
export function exitCode(parsed: Parsed, result: OperationResult, wasPreview: boolean): number {
  if (result.failed) return 1;
  if (!flag(parsed, "expect-no-changes") || !hasChanges(result.changes)) return 0;
  process.stderr.write(`error: no changes were expected but changes ${wasPreview ? "were proposed" : "occurred"}\n`);
  throw new AlreadyReported("changes", EXIT.noChanges);
}
