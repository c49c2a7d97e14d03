/**
 * The command line: the CLI's own flags. One that is not built is refused by name.
 * @module
 */
import { needsPulumiCli, UserError } from "../failure.ts";
import { similarNames } from "../similar-names.ts";

export type FlagKind = "boolean" | "string" | "list";
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
/** Of no meaning here, and harmless. */
const IGNORED = new Set(["emoji", "logflow", "logtostderr"]);

export function parseArguments(args: readonly string[], table: FlagTable, verb: string): Parsed {
  const all: FlagTable = { ...GLOBAL_FLAGS, ...table };
  const byShort = new Map(Object.entries(all).flatMap(([name, { short }]) => (short ? [[short, name] as const] : [])));
  const positional: string[] = [];
  const flags: Record<string, string | boolean | string[]> = {};
  const rest = [...args];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg === "--") {
      positional.push(...rest);
      break;
    }
    if (!arg.startsWith("-") || arg === "-" || /^-\d/.test(arg)) {
      positional.push(arg);
      continue;
    }
    const [head = "", ...tail] = arg.split("=");
    let value: string | undefined = tail.length > 0 ? tail.join("=") : undefined;
    let name: string | undefined = head.startsWith("--") ? head.slice(2) : byShort.get(head.slice(1, 2));
    // `-stest` is `-s test`.
    if (!head.startsWith("--") && head.length > 2) value = head.slice(2) + (value === undefined ? "" : `=${value}`);
    if (name !== undefined && !Object.hasOwn(all, name)) name = undefined;
    // A PEM, say: it may be a secret.
    if (!FLAG.test(head))
      throw new UserError(
        `an argument of \`${verb}\` starts with a dash and is not a flag (its value is not shown: it may be a secret). ` +
          "Put -- before what is a value",
      );
    if (name === undefined) {
      const [nearest] = head.startsWith("--") ? similarNames(Object.keys(all), head.slice(2)) : [];
      if (nearest) throw new UserError(`${head} is not a flag of \`${verb}\`. The nearest is --${nearest}`);
      throw needsPulumiCli(`The flag ${head} of \`${verb}\``);
    }
    const kind = all[name]?.kind ?? "boolean";
    if (kind === "boolean") flags[name] = value === undefined || value === "true";
    else {
      const text = value ?? rest.shift();
      if (text === undefined) throw new UserError(`flag needs an argument: ${head}`);
      if (kind === "list") flags[name] = [...((flags[name] as string[]) ?? []), text];
      else flags[name] = text;
    }
  }
  if (flags["disable-integrity-checking"]) throw needsPulumiCli("The flag --disable-integrity-checking");
  for (const name of IGNORED) delete flags[name];
  return { positional, flags };
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
