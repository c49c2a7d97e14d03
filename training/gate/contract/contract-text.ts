import type { LearnedContract } from "./learn-contract.ts";

interface Source {
  readonly path: string;
  readonly md5: string;
  readonly rows: number;
}

/** Formats a learned contract as YAML to review: one line per column, in the snapshot's order, with the observed values as a comment. */
export function contractText({ rows, columns }: LearnedContract, { path, md5, rows: seenRows }: Source): string {
  return [
    `# Data contract, learned from ${path} (${seenRows} rows, md5 ${md5}) by npm run contract.`,
    "# Review, correct and commit it: it states what the data must be, not what it happened to be.",
    "#   type: number, integer, boolean, text or date. missing: maximum share of rows without a value; 0 allows none.",
    "#   min, max: inclusive. categories: all allowed values. unique: no two rows have the same value.",
    "",
    `rows: { min: ${rows.min}, max: ${rows.max} } # the snapshot has ${seenRows}`,
    "columns:",
    ...columns.map(({ name, rules, seen }) => {
      const pairs = Object.entries(rules).map(([key, value]) => `${key}: ${valueText(value)}`);
      return `  ${keyText(name)}: { ${pairs.join(", ")} }${seen === "" ? "" : ` # ${seen}`}`;
    }),
    "",
  ].join("\n");
}

/** Words that YAML does not read as strings. */
const NOT_STRINGS = /^(?:true|false|null|yes|no|on|off|y|n|nan|inf)$/i;
const isPlain = (text: string) => /^[A-Za-z_][\w-]*$/.test(text) && !NOT_STRINGS.test(text);
const keyText = (text: string) => (isPlain(text) ? text : JSON.stringify(text));

function valueText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(valueText).join(", ")}]`;
  return typeof value === "string" ? keyText(value) : String(value);
}
