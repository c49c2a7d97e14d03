/**
 * `--target`, `--exclude`, `--replace` and related flags, by verb.
 * @module
 */
import { UserError } from "../failure.ts";
import { EVERYTHING, type SelectionFlags } from "../steps/selection.ts";
import { type FlagTable, flag, list, type Parsed } from "./arguments.ts";

const TARGET: FlagTable = { target: { kind: "list", short: "t" }, "target-dependents": { kind: "boolean" } };
const REPLACE: FlagTable = { replace: { kind: "list" }, "target-replace": { kind: "list" } };
const EXCLUDE_DEPENDENTS: FlagTable = { "exclude-dependents": { kind: "boolean" } };
/** Only these verbs have the short form: in older releases of the CLI, `up -x` has another meaning. */
const EXCLUDE: FlagTable = { exclude: { kind: "list", short: "x" } };

export const SELECTION_FLAGS = {
  up: { ...TARGET, ...REPLACE, ...EXCLUDE_DEPENDENTS, exclude: { kind: "list" } },
  preview: { ...TARGET, ...REPLACE, ...EXCLUDE_DEPENDENTS, ...EXCLUDE },
  refresh: { ...TARGET, ...EXCLUDE_DEPENDENTS, ...EXCLUDE },
  destroy: { ...TARGET, ...EXCLUDE, "exclude-protected": { kind: "boolean" } },
} as const satisfies Record<string, FlagTable>;

export function selectionOf(parsed: Parsed): SelectionFlags {
  const [targets, excludes] = [list(parsed, "target"), list(parsed, "exclude")];
  if (targets.length > 0 && excludes.length > 0)
    throw new UserError(
      "if any flags in the group [target exclude] are set none of the others can be; [exclude target] were all set",
    );
  if (targets.length > 0 && flag(parsed, "exclude-protected"))
    throw new UserError("you cannot specify --target and --exclude-protected");
  const both = list(parsed, "target-replace");
  return {
    ...EVERYTHING,
    targets: [...targets, ...both],
    targetDependents: flag(parsed, "target-dependents"),
    excludes,
    excludeDependents: flag(parsed, "exclude-dependents"),
    replaces: [...list(parsed, "replace"), ...both],
  };
}
