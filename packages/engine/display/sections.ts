/**
 * The sections at the end of a run: diagnostics, outputs, totals.
 * @module
 */
import type { Diagnostic, Severity } from "../deployment/events.ts";
import { nameOf, typeOf } from "../resources/urn.ts";
import type { Op } from "../steps/step.ts";
import { type Color, opColor, type Paint } from "./colors.ts";
import type { DisplayOptions, RunResult } from "./display.ts";
import { outputsSection } from "./outputs.ts";
import { COUNTED, doneWord, planWord, symbolOf } from "./words.ts";

const SEVERITY_COLORS: Record<Severity, Color> = { debug: "dim", info: "bold", warning: "yellow", error: "red" };

const indent = (text: string, by: string) =>
  text
    .split("\n")
    .map((line) => (line === "" ? "" : by + line))
    .join("\n");

/** Groups diagnostics by resource, in the order of their first message. The lines of a message stay together. */
function diagnosticsSection(diagnostics: readonly Diagnostic[], paint: Paint): string[] {
  const visible = diagnostics.filter(({ severity }) => severity !== "debug");
  if (visible.length === 0) return [];
  const byUrn = Map.groupBy(visible, ({ urn }) => urn);
  const lines = [paint("Diagnostics:", "headline")];
  for (const [urn, messages] of byUrn) {
    lines.push(`  ${paint(`${typeOf(urn)} (${nameOf(urn)}):`, "bold")}`);
    for (const { severity, message } of messages) {
      const prefix = severity === "info" ? "" : paint(`${severity}: `, SEVERITY_COLORS[severity]);
      lines.push(indent(prefix + message, "    "));
    }
    lines.push("");
  }
  return lines;
}

/** `+ 3 created`, `2 unchanged`, `1 errored`. */
function totalsSection(changes: Partial<Record<Op, number>>, failed: number, preview: boolean, paint: Paint): string[] {
  const lines: string[] = [];
  let changed = 0;
  for (const op of COUNTED) {
    const count = changes[op] ?? 0;
    if (count === 0) continue;
    changed += count;
    const words = preview ? `to ${planWord(op)}` : doneWord(op);
    lines.push(`    ${paint(`${symbolOf(op)}${count} ${words}`.replace("  ", " "), opColor(op) ?? "bold")}`);
  }
  const kinds = lines.length;
  const same = changes.same ?? 0;
  if (kinds > 1) lines.push(`    ${changed} change${changed === 1 ? "" : "s"}.${same > 0 ? ` ${same} unchanged` : ""}`);
  else if (same > 0) lines.push(`    ${same} unchanged`);
  if (failed > 0) lines.push(`    ${paint(`${failed} errored`, "red")}`);
  return lines.length === 0 ? [] : [paint("Resources:", "headline"), ...lines, ""];
}

function formatDuration(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds}s`;
  const rest = seconds % 60;
  return seconds < 3600
    ? `${Math.floor(seconds / 60)}m${rest}s`
    : `${Math.floor(seconds / 3600)}h${Math.floor((seconds % 3600) / 60)}m${rest}s`;
}

/** Returns all closing sections in order. */
export function endSections(
  diagnostics: readonly Diagnostic[],
  result: RunResult,
  failed: number,
  options: DisplayOptions,
): string[] {
  const { paint, mask, preview, suppressOutputs, showSecrets } = options;
  return [
    ...diagnosticsSection(diagnostics, paint),
    ...(suppressOutputs ? [] : outputsSection(result.oldOutputs, result.outputs, paint, mask, showSecrets)),
    ...totalsSection(result.changes, failed, preview, paint),
    ...(preview ? [] : [`${paint("Duration:", "headline")} ${formatDuration(result.durationMs)}`, ""]),
  ];
}
