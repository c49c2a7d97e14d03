/**
 * `command:local:Command`, as implemented by the plugin `command` 1.2.1.
 * @module
 */
import { randomBytes } from "node:crypto";
import { needsPulumiCli } from "../../failure.ts";
import { detailedDiff } from "../../properties/diff.ts";
import { type PropertyMap, Unknown } from "../../properties/value.ts";
import { containsUnknowns, equal } from "../../properties/walk.ts";
import { nameOf, typeOf } from "../../resources/urn.ts";
import {
  type CheckRequest,
  type CheckResult,
  type CreateRequest,
  type DeleteRequest,
  type DiffRequest,
  type DiffResult,
  NO_DIFF,
  type Provider,
  type ReadRequest,
  type ReadResult,
  type UpdateRequest,
} from "../provider.ts";
import { checkInputs, mapInput, OUTPUTS, textInput, textsInput, withoutNulls } from "./inputs.ts";
import { type CommandOutput, runCommand } from "./run.ts";

const COMMAND_TYPE = "command:local:Command";

export class CommandProvider implements Provider {
  readonly #pwd: string;
  readonly #onLine: (urn: string, line: string) => void;

  constructor(pwd: string, onLine: (urn: string, line: string) => void) {
    this.#pwd = pwd;
    this.#onLine = onLine;
  }

  async check({ urn, news }: CheckRequest): Promise<CheckResult> {
    if (typeOf(urn) !== COMMAND_TYPE) throw needsPulumiCli(`The resource type ${typeOf(urn)}`);
    for (const key of ["assetPaths", "archivePaths"])
      if (news[key] !== undefined && news[key] !== null) throw needsPulumiCli(`"${key}" of ${COMMAND_TYPE}`);
    return { inputs: withoutNulls(news), failures: checkInputs(news) };
  }

  async diff({ oldInputs, oldOutputs, newInputs, ignoreChanges }: DiffRequest): Promise<DiffResult> {
    const next = withIgnored(newInputs, oldOutputs, ignoreChanges);
    const diff = detailedDiff(withoutNulls(oldInputs), withoutNulls(next), false);
    const paths = Object.keys(diff);
    if (paths.length === 0) return { ...NO_DIFF, detailedDiff: {} };
    const changedKeys = [...new Set(paths.map((path) => /^[^.[]*/.exec(path)?.[0] ?? path))].sort();
    return { ...NO_DIFF, changes: "some", changedKeys, detailedDiff: diff };
  }

  async create({ urn, inputs, preview }: CreateRequest): Promise<{ id: string; outputs: PropertyMap }> {
    const id = nameOf(urn) + randomBytes(4).toString("hex");
    // The output of a command is unknown until it has run.
    if (preview)
      return { id: "", outputs: { ...inputs, ...Object.fromEntries(OUTPUTS.map((key) => [key, new Unknown()])) } };
    const command = textInput(inputs, "create");
    const output = command === undefined ? NOTHING : await this.#run(urn, command, inputs, NOTHING);
    return { id, outputs: withOutput(inputs, output) };
  }

  async update(request: UpdateRequest): Promise<{ outputs: PropertyMap }> {
    const { urn, oldInputs, oldOutputs, preview, ignoreChanges } = request;
    const inputs = withIgnored(request.inputs, oldOutputs, ignoreChanges);
    const before = previousOutput(oldOutputs);
    if (preview) {
      const changed = !equal(withoutNulls(oldInputs), inputs) || containsUnknowns(inputs);
      return {
        outputs: changed ? { ...inputs, stdout: new Unknown(), stderr: new Unknown() } : withOutput(inputs, before),
      };
    }
    const command = textInput(inputs, "update") ?? textInput(inputs, "create");
    const output = command === undefined ? before : await this.#run(urn, command, inputs, before);
    return { outputs: withOutput(inputs, output) };
  }

  async read({ id, inputs, state }: ReadRequest): Promise<ReadResult> {
    return { id, outputs: state, inputs };
  }

  async delete({ urn, outputs }: DeleteRequest): Promise<void> {
    const command = textInput(outputs, "delete");
    if (command !== undefined) await this.#run(urn, command, outputs, previousOutput(outputs));
  }

  #run(urn: string, command: string, inputs: PropertyMap, before: CommandOutput): Promise<CommandOutput> {
    const logging = textInput(inputs, "logging");
    const interpreter = textsInput(inputs, "interpreter");
    const passOn = inputs.addPreviousOutputInEnv !== false;
    const stdin = textInput(inputs, "stdin");
    return runCommand({
      command,
      interpreter: interpreter && interpreter.length > 0 ? interpreter : ["/bin/sh", "-c"],
      dir: textInput(inputs, "dir") ?? this.#pwd,
      environment: {
        ...(process.env as Record<string, string>),
        ...mapInput(inputs, "environment"),
        ...(passOn && before.stdout !== "" ? { PULUMI_COMMAND_STDOUT: before.stdout } : {}),
        ...(passOn && before.stderr !== "" ? { PULUMI_COMMAND_STDERR: before.stderr } : {}),
      },
      stdin: stdin === "" ? undefined : stdin,
      logStdout: logging === undefined || logging === "stdout" || logging === "stdoutAndStderr",
      logStderr: logging === undefined || logging === "stderr" || logging === "stdoutAndStderr",
      onLine: (line) => this.#onLine(urn, line),
    });
  }
}

const NOTHING: CommandOutput = { stdout: "", stderr: "" };
const previousOutput = (outputs: PropertyMap): CommandOutput => ({
  stdout: textInput(outputs, "stdout") ?? "",
  stderr: textInput(outputs, "stderr") ?? "",
});

/**
 * Replaces ignored inputs by the outputs of the same name, which the plugin treats as the old inputs. It supports only names and
 * leaves paths such as `environment.*` to the engine. If inputs are secret and outputs are not, an ignored `environment` always differs.
 */
const withIgnored = (inputs: PropertyMap, outputs: PropertyMap, ignored: readonly string[]): PropertyMap => ({
  ...inputs,
  ...Object.fromEntries(
    ignored.flatMap((name) => {
      const value = Object.hasOwn(outputs, name) ? outputs[name] : undefined;
      return value === undefined ? [] : [[name, value]];
    }),
  ),
});

/** Returns the outputs: the inputs, with their secrets, and what the command printed. */
const withOutput = (inputs: PropertyMap, { stdout, stderr }: CommandOutput): PropertyMap => ({
  ...inputs,
  stdout,
  stderr,
});
