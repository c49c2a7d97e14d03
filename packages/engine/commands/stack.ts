/**
 * `stack`: its verbs, each loaded on demand.
 * @module
 */
import { needsPulumiCli } from "../failure.ts";
import { splitSubcommand } from "./arguments.ts";

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
  const { verb, rest } = splitSubcommand(args);
  if (verb === undefined) return (await import("./stack-show.ts")).show(args);
  const load = Object.hasOwn(VERBS, verb) ? VERBS[verb] : undefined;
  if (!load) throw needsPulumiCli(`The command \`pulumi stack ${verb}\``);
  return (await load())(rest);
}
