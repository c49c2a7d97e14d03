/**
 * `stack`: its verbs, each loaded when it is asked for.
 * @module
 */
import { needsPulumiCli } from "../failure.ts";

type Verb = (args: readonly string[]) => Promise<number>;
const VERBS: Readonly<Record<string, () => Promise<Verb>>> = {
  init: async () => (await import("./stack-init.ts")).init,
  ls: async () => (await import("./stack-ls.ts")).ls,
  list: async () => (await import("./stack-ls.ts")).ls,
  select: async () => (await import("./stack-init.ts")).select,
  rm: async () => (await import("./stack-rm.ts")).rm,
  output: async () => (await import("./stack-output.ts")).output,
  export: async () => (await import("./stack-export.ts")).exportStack,
  import: async () => (await import("./stack-export.ts")).importStack,
  history: async () => (await import("./stack-history.ts")).history,
};

export async function stack(args: readonly string[]): Promise<number> {
  const takesValue = new Set(["-s", "--stack", "-C", "--cwd", "--color", "--config-file"]);
  const at = args.findIndex((arg, i) => !arg.startsWith("-") && !takesValue.has(args[i - 1] ?? ""));
  const verb = args[at];
  const rest = args.filter((_, i) => i !== at);
  if (verb === undefined) return (await import("./stack-show.ts")).show(args);
  const load = Object.hasOwn(VERBS, verb) ? VERBS[verb] : undefined;
  if (!load) throw needsPulumiCli(`The command \`pulumi stack ${verb}\``);
  return (await load())(rest);
}
