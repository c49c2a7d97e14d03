/**
 * The parts of a resource's line: operation, status, time and changed properties.
 * @module
 */
import { parsePath } from "../properties/path.ts";
import type { Step } from "../steps/step.ts";
import { opColor, type Paint } from "./colors.ts";
import type { Row } from "./rows.ts";
import { doneWord, planWord, runningWord, symbolOf } from "./words.ts";

const elapsed = (row: Row): string => {
  const ms = (row.endedAt ?? Date.now()) - row.startedAt;
  if (ms < 5) return "(0s)";
  const seconds = ms / 1000;
  return seconds < 1 ? `(${seconds.toFixed(2)}s)` : `(${Math.round(seconds)}s)`;
};

export function statusOf(row: Row, preview: boolean, paint: Paint): string {
  const { op, phase } = row;
  if (phase === "failed") {
    const word = runningWord(op);
    return paint(`**${word === "" ? "" : `${word} `}failed**`, "red");
  }
  if (op === "same") return "";
  const words = preview
    ? planWord(op)
    : phase === "done"
      ? `${doneWord(op)} ${elapsed(row)}`
      : `${runningWord(op)} ${elapsed(row)}`;
  return paint(words, opColor(op) ?? "bold");
}

const count = (n: number, what: string) => (n === 0 ? [] : [`${n} ${what}${n === 1 ? "" : "s"}`]);

/** `1 error; 2 warnings`; Diagnostics shows their texts once. */
export const problemCounts = ({ errors, warnings }: Row): string =>
  [...count(errors, "error"), ...count(warnings, "warning")].join("; ");

const SIGNS = { add: "+", delete: "-", update: "~" } as const;

/** `[diff: +a~b,c]`: the changed properties by kind of change. */
export function diffNote(step: Step | undefined): string {
  if (!step || step.op === "same") return "";
  const groups: Record<keyof typeof SIGNS, Set<string>> = { add: new Set(), delete: new Set(), update: new Set() };
  const detailed = Object.entries(step.detailedDiff ?? {});
  for (const [path, { kind }] of detailed) {
    const head = String(parsePath(path)?.[0] ?? path);
    const nested = head !== path;
    const how = kind.split("-")[0] as keyof typeof SIGNS;
    groups[nested ? "update" : how].add(head);
  }
  if (detailed.length === 0) for (const key of step.diffs) groups.update.add(key);
  const parts = (["add", "delete", "update"] as const)
    .filter((how) => groups[how].size > 0)
    .map(
      (how) =>
        SIGNS[how] +
        [...groups[how]]
          .filter((key) => key !== "__provider" || groups[how].size === 1)
          .sort()
          .join(","),
    );
  return parts.length === 0 ? "" : `[diff: ${parts.join("")}]`;
}

export function opCell(row: Row, paint: Paint): string {
  const color = opColor(row.op);
  const symbol = symbolOf(row.op);
  return color ? paint(symbol, color) : symbol;
}
