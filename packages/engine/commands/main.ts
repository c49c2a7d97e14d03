/**
 * Finds the verb and runs it. Each verb is loaded on demand.
 * @module
 */
import { AlreadyReported, isSystemError, messageOf, needsPulumiCli, UserError } from "../failure.ts";
import { PULUMI_VERSION } from "../state/checkpoint.ts";
import { GLOBAL_FLAGS } from "./arguments.ts";

type Verb = (args: readonly string[]) => Promise<number>;

const VERBS: Readonly<Record<string, () => Promise<Verb>>> = {
  up: async () => (await import("./up.ts")).up,
  update: async () => (await import("./up.ts")).up,
  preview: async () => (await import("./up.ts")).preview,
  pre: async () => (await import("./up.ts")).preview,
  refresh: async () => (await import("./refresh.ts")).refresh,
  destroy: async () => (await import("./destroy.ts")).destroy,
  down: async () => (await import("./destroy.ts")).destroy,
  cancel: async () => (await import("./cancel.ts")).cancel,
  config: async () => (await import("./config.ts")).config,
  stack: async () => (await import("./stack.ts")).stack,
  state: async () => (await import("./state.ts")).state,
};

const HELP = `A small Pulumi deployment engine: one machine, one file backend (PULUMI_BACKEND_URL=file://…).
For first tries, tests and closed networks; use the Pulumi CLI for real stacks.

Usage: npx node packages/engine/cli.ts <verb> [flags]

  up            create or update the resources of a stack
  preview       show what up would do
  refresh       read the resources and update the state
  destroy       delete all resources of a stack
  cancel        remove the locks of a stack
  config        show, set, get and remove config
  stack         init, ls, select, output, export, import, history, rm
  state         taint, untaint, protect, unprotect, delete

Flags and environment variables are those of the Pulumi CLI. Unsupported ones are rejected by name.
`;

/** Lists the verbs, for the error about an unknown one. */
const verbs = () => Object.keys(VERBS).join(", ");

/** Global flags may come before the verb. */
function splitVerb(args: readonly string[]): { verb: string | undefined; rest: string[] } {
  const rest = [...args];
  const before: string[] = [];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (!arg.startsWith("-")) return { verb: arg, rest: [...before, ...rest] };
    before.push(arg);
    const flag = Object.entries(GLOBAL_FLAGS).find(
      ([name, { short }]) => arg === `--${name}` || arg === `-${short}`,
    )?.[1];
    const value = flag?.kind === "string" ? rest.shift() : undefined;
    if (value !== undefined) before.push(value);
  }
  return { verb: undefined, rest: before };
}

export async function main(args: readonly string[]): Promise<number> {
  try {
    const { verb, rest } = splitVerb(args);
    if (verb === undefined && rest.includes("--version")) process.stdout.write(`${PULUMI_VERSION}\n`);
    else if (verb === undefined || verb === "help" || rest.includes("--help") || rest.includes("-h"))
      process.stdout.write(HELP);
    else if (verb === "version") process.stdout.write(`${PULUMI_VERSION}\n`);
    else {
      const load = Object.hasOwn(VERBS, verb) ? VERBS[verb] : undefined;
      if (!load) throw needsPulumiCli(`The command \`pulumi ${verb}\` (supported: ${verbs()})`);
      return await (await load())(rest);
    }
    return 0;
  } catch (error) {
    if (error instanceof AlreadyReported) return error.exitCode;
    process.stderr.write(`error: ${messageOf(error)}\n`);
    if (error instanceof UserError) return error.exitCode;
    if (isSystemError(error)) return 1;
    // A bug in the engine, so the stack trace is shown.
    if (error instanceof Error && error.stack) process.stderr.write(`${error.stack}\n`);
    return 255;
  }
}
