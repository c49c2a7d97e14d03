/**
 * Shared by the operations of one command: the program's location, the dynamic provider's process, Ctrl-C.
 * @module
 */
import type { Display } from "../display/display.ts";
import type { ProgramConfig } from "../monitor/default-providers.ts";
import type { EngineSocket } from "../monitor/engine-socket.ts";
import { startProgram } from "../program/host.ts";
import { type ProgramLocation, type Project, programLocation } from "../project/project.ts";
import { BuiltinProvider } from "../providers/builtin.ts";
import { CommandProvider } from "../providers/command/provider.ts";
import { killCommands } from "../providers/command/run.ts";
import { type DynamicProcess, startDynamicProcess } from "../providers/dynamic/process.ts";
import { DynamicProvider } from "../providers/dynamic/provider.ts";
import type { ProviderFactory } from "../providers/registry.ts";
import { DYNAMIC_PACKAGE } from "../providers/registry.ts";
import type { ReadStackOutputs } from "../providers/stack-reference.ts";
import type { SecretMask } from "../secrets/mask.ts";
import type { StackName } from "../state/layout.ts";
import { ProgramSession } from "./program-session.ts";

export class Session {
  readonly names: StackName;
  readonly mask: SecretMask;
  readonly #project: Project;
  readonly #location: ProgramLocation;
  readonly #readOutputs: ReadStackOutputs;
  readonly #listeners = new Set<() => void>();
  readonly #cleanups: (() => void | Promise<void>)[] = [];
  #dynamic: DynamicProcess | undefined;
  #output: Display | undefined;
  cancelled = false;

  constructor(project: Project, names: StackName, mask: SecretMask, readOutputs: ReadStackOutputs) {
    this.#project = project;
    this.names = names;
    this.mask = mask;
    this.#readOutputs = readOutputs;
    this.#location = programLocation(project);
    const onSignal = () => this.#onSignal();
    process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
    this.#cleanups.push(() => void process.off("SIGINT", onSignal).off("SIGTERM", onSignal));
  }

  /** After the first Ctrl-C, operations in flight finish; the second one exits immediately. */
  #onSignal(): void {
    if (this.cancelled) {
      killCommands();
      process.exit(130);
    }
    this.cancelled = true;
    process.stderr.write(
      "^C received; cancelling. Operations in flight will finish. Press ^C again to exit immediately.\n",
    );
    for (const listener of this.#listeners) listener();
  }

  onCancel(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Starts the process of dynamic resources on the first call. */
  startDynamic(): DynamicProcess {
    this.#dynamic ??= startDynamicProcess(this.#location.pwd, this.names.project, (line, severity) =>
      this.#output?.programOutput(line, severity),
    );
    return this.#dynamic;
  }

  /** Sets the display for everything that the program and the dynamic resources print. */
  show(display: Display): void {
    this.#output = display;
  }

  factories(display: Display): Readonly<Record<string, ProviderFactory>> {
    const dynamic: ProviderFactory = (config) => new DynamicProvider(this.startDynamic(), config);
    const report = (urn: string, message: string) =>
      display.diagnostic({ urn, severity: "info", message, ephemeral: true });
    return {
      [DYNAMIC_PACKAGE]: dynamic,
      command: () => new CommandProvider(this.#location.pwd, report),
      pulumi: () => new BuiltinProvider(this.#readOutputs),
    };
  }

  startProgram(socket: EngineSocket, config: ProgramConfig, preview: boolean, parallel: number): ProgramSession {
    const { project, stack } = this.names;
    const { root, runtimeOptions } = this.#project;
    const program = startProgram(
      {
        ...this.#location,
        root,
        project,
        stack,
        preview,
        parallel,
        address: socket.address,
        config: config.texts,
        secretKeys: config.secretKeys,
        runtimeOptions,
      },
      {
        stdout: (line) => this.#output?.programOutput(line, "info"),
        stderr: (line) => this.#output?.programOutput(line, "error"),
      },
    );
    return new ProgramSession(program, socket, {
      root,
      project,
      stack,
      preview,
      parallel,
      config,
      mask: this.mask,
      readOutputs: this.#readOutputs,
    });
  }

  async close(): Promise<void> {
    await this.#dynamic?.stop();
    for (const cleanup of this.#cleanups.toReversed()) await cleanup();
  }
}
