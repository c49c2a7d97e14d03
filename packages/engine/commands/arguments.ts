/**
 * The command line: the CLI's own flags. A flag that this engine lacks is refused by name.
 * @module
 */
import { parseArgs } from "node:util";
import { needsPulumiCli, UserError } from "../failure.ts";
import { similarNames } from "../similar-names.ts";

type FlagKind = "boolean" | "string" | "list";
export type FlagTable = Readonly<Record<string, { readonly kind: FlagKind; readonly short?: string }>>;
export interface Parsed {
  readonly positional: readonly string[];
  readonly flags: Readonly<Record<string, string | boolean | readonly string[]>>;
}

/** Flags of every verb. */
export const GLOBAL_FLAGS: FlagTable = {
  cwd: { kind: "string", short: "C" },
  stack: { kind: "string", short: "s" },
  "non-interactive": { kind: "boolean" },
  color: { kind: "string" },
  "config-file": { kind: "string" },
  yes: { kind: "boolean", short: "y" },
  emoji: { kind: "boolean", short: "e" },
  "disable-integrity-checking": { kind: "boolean" },
};
const FLAG = /^--?[a-z][a-z0-9-]{0,40}$/i;
/** Accepted and ignored: they change nothing here. */
const IGNORED = new Set(["emoji", "logflow", "logtostderr"]);

/** Parses the flags of `verb`; throws UserError for one that it does not have. */
export function parseArguments(args: readonly string[], table: FlagTable, verb: string): Parsed {
  const all: FlagTable = { ...GLOBAL_FLAGS, ...table };
  const options = Object.fromEntries(
    Object.entries(all).map(([name, { kind, short }]) => [
      name,
      { type: kind === "boolean" ? ("boolean" as const) : ("string" as const), ...(short && { short }) },
    ]),
  );
  // Not strict: Node's own errors would quote a value, which may be a secret.
  const { tokens } = parseArgs({ args: [...args], options, allowPositionals: true, strict: false, tokens: true });
  const positional: string[] = [];
  const flags: Record<string, string | boolean | readonly string[]> = {};
  for (const token of tokens) {
    if (token.kind === "positional") positional.push(token.value);
    if (token.kind !== "option") continue;
    const [typed = ""] = (args[token.index] ?? "").split("=");
    if (!FLAG.test(typed))
      throw new UserError(
        `an argument of \`${verb}\` starts with a dash and is not a flag (its value is not shown: it may be a secret). ` +
          "Put -- before a value that starts with a dash",
      );
    const { name, rawName } = token;
    // `-s=dev` means what `-sdev` does.
    const value = rawName.startsWith("--") ? token.value : token.value?.replace(/^=/, "");
    const kind = Object.hasOwn(all, name) ? all[name]?.kind : undefined;
    if (kind === undefined) throw unknownFlag(rawName, Object.keys(all), verb);
    if (kind === "boolean") flags[name] = value === undefined || value === "true";
    else if (value === undefined) throw new UserError(`flag needs an argument: ${rawName}`);
    else flags[name] = kind === "list" ? [...((flags[name] as readonly string[]) ?? []), value] : value;
  }
  if (flags["disable-integrity-checking"]) throw needsPulumiCli("The flag --disable-integrity-checking");
  for (const name of IGNORED) delete flags[name];
  return { positional, flags };
}

function unknownFlag(rawName: string, known: readonly string[], verb: string): Error {
  const [nearest] = rawName.startsWith("--") ? similarNames(known, rawName.slice(2)) : [];
  return nearest
    ? new UserError(`${rawName} is not a flag of \`${verb}\`. The nearest is --${nearest}`)
    : needsPulumiCli(`The flag ${rawName} of \`${verb}\``);
}

/** Splits a verb's own verb off, such as `ls` of `stack`: the first argument that is neither a flag nor a flag's value. */
export function splitSubcommand(args: readonly string[]): { verb: string | undefined; rest: string[] } {
  const strings = Object.entries(GLOBAL_FLAGS).filter(([, { kind }]) => kind === "string");
  const takesValue = new Set(strings.flatMap(([name, { short }]) => [`--${name}`, `-${short}`]));
  const at = args.findIndex((arg, i) => !arg.startsWith("-") && !takesValue.has(args[i - 1] ?? ""));
  return { verb: args[at], rest: args.filter((_, i) => i !== at) };
}

export const text = (parsed: Parsed, name: string): string | undefined => {
  const value = parsed.flags[name];
  return typeof value === "string" ? value : undefined;
};
export const flag = (parsed: Parsed, name: string): boolean => parsed.flags[name] === true;
export const list = (parsed: Parsed, name: string): readonly string[] => {
  const value = parsed.flags[name];
  return Array.isArray(value) ? (value as readonly string[]) : [];
};

/** A whole number of at least `least`. */
export function number(parsed: Parsed, name: string, otherwise: number, least = 0): number {
  const value = text(parsed, name);
  if (value === undefined) return otherwise;
  if (!/^\d+$/.test(value) || Number(value) < least)
    throw new UserError(`invalid argument "${value}" for "--${name}": it must be a whole number of at least ${least}`);
  return Number(value);
}
