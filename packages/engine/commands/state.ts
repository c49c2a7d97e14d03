/**
 * `state`: edits individual resources in a stack's state.
 * @module
 */
import { needsPulumiCli, UserError } from "../failure.ts";
import { encrypting } from "../properties/stored.ts";
import type { ResourceState } from "../resources/state.ts";
import { SecretMask } from "../secrets/mask.ts";
import { loadDeployment, saveCheckpointSync } from "../state/backend.ts";
import { CheckpointWriter } from "../state/checkpoint-text.ts";
import { qualifiedName } from "../state/layout.ts";
import { takeLock } from "../state/lock.ts";
import { forget, locate, type Mark, mark } from "../steps/state-edits.ts";
import { type FlagTable, flag, type Parsed, parseArguments, splitSubcommand } from "./arguments.ts";
import { Context } from "./context.ts";
import { confirm } from "./deploy.ts";
import { openSnapshot } from "./open-stack.ts";
import { openSecrets } from "./secrets.ts";

type Edit = (resources: readonly ResourceState[]) => {
  readonly resources: readonly ResourceState[];
  readonly summary: string;
  readonly warnings?: readonly string[];
};

const ALL: FlagTable = { all: { kind: "boolean" } };
const VERBS: Readonly<Record<string, { readonly flags: FlagTable; readonly edit: (parsed: Parsed) => Edit }>> = {
  taint: { flags: {}, edit: marking("taint", true, "tainted") },
  untaint: { flags: ALL, edit: marking("taint", false, "untainted") },
  protect: { flags: ALL, edit: marking("protect", true, "protected") },
  unprotect: { flags: ALL, edit: marking("protect", false, "unprotected") },
  delete: {
    flags: { ...ALL, force: { kind: "boolean" }, "target-dependents": { kind: "boolean" } },
    edit: deleting,
  },
};
const ALIASES: Readonly<Record<string, string>> = { remove: "delete", rm: "delete" };

export async function state(args: readonly string[]): Promise<number> {
  const { verb: given = "", rest } = splitSubcommand(args);
  const name = ALIASES[given] ?? given;
  const verb = Object.hasOwn(VERBS, name) ? VERBS[name] : undefined;
  if (!verb) throw needsPulumiCli(`The command \`pulumi state ${given}\` (supported: ${verbs()})`);
  const parsed = parseArguments(rest, verb.flags, `state ${given}`);
  if (parsed.positional.length === 0 && !flag(parsed, "all"))
    throw new UserError("Must supply <resource URN> unless pulumi is run interactively");
  const edit = verb.edit(parsed);
  const context = new Context(parsed);
  const stack = context.stack();
  if (process.stdin.isTTY && process.stdout.isTTY) await confirm(parsed, "edit of the stack's state");
  const lock = takeLock(context.layout, stack);
  try {
    const raw = loadDeployment(context.layout, stack);
    const secrets = await openSecrets(raw.salt);
    const snapshot = await openSnapshot(context.layout, stack, raw, async () => secrets, new SecretMask());
    const { resources, summary, warnings = [] } = edit(snapshot.resources);
    const writer = new CheckpointWriter(qualifiedName(stack), secrets.salt, encrypting(secrets.crypter));
    saveCheckpointSync(context.layout, stack, writer.contents(resources, snapshot.pendingOperations));
    process.stdout.write(`${summary}\n`);
    for (const warning of warnings) process.stderr.write(`warning: ${warning}\n`);
  } finally {
    lock.release();
  }
  return 0;
}

const verbs = () => Object.keys(VERBS).join(", ");

function marking(name: Mark, value: boolean, participle: string): (parsed: Parsed) => Edit {
  return (parsed) => (resources) => {
    const all = flag(parsed, "all");
    const urns = parsed.positional;
    return {
      resources: mark(resources, all ? undefined : urns, name, value),
      summary: all ? `All resources ${participle}` : `${urns.length} resources ${participle}`,
    };
  };
}

function deleting(parsed: Parsed): Edit {
  const all = flag(parsed, "all");
  if (all && parsed.positional.length > 0)
    throw new UserError("cannot specify a resource URN when deleting all resources");
  return (resources) => {
    const deleted = all ? resources : [...new Set(parsed.positional.map((urn) => locate(resources, urn)))];
    const options = { force: flag(parsed, "force"), targetDependents: flag(parsed, "target-dependents") };
    const { left, forced } = forget(resources, deleted, options);
    const count = deleted.length === 1 ? "Resource deleted" : `${deleted.length} resources deleted`;
    return {
      resources: left,
      summary: all ? "Resources deleted" : count,
      warnings: forced.map((urn) => `deleting protected resource ${urn} due to presence of --force`),
    };
  };
}
