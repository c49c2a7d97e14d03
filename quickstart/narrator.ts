import { styleText } from "node:util";

/** Thrown when a step of the quickstart does not go as expected. */
export class StoryError extends Error {
  override name = "StoryError";
}

/** Styles text; leaves it plain if stdout is not a terminal or NO_COLOR is set. */
const styled = (style: Parameters<typeof styleText>[0], text: string) =>
  styleText(style, text, { stream: process.stdout });

/** Prints the heading of a step. */
export function step(title: string, explanation: string): void {
  console.log(`\n${styled("bold", title)}\n  ${styled("dim", explanation)}`);
}

/**
 * Prints an observation with a check mark.
 * @throws StoryError unless `holds`
 */
export function expect(holds: boolean, observation: string): void {
  if (!holds) throw new StoryError(`expected, but not observed: ${observation}`);
  console.log(`  ${styled("green", "✔")} ${observation}`);
}

/** Formats rows as a table. Each column is as wide as its longest cell; the first row is the header. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd();
  const [header = [], ...body] = rows;
  return [line(header), widths.map((width) => "─".repeat(width)).join("  "), ...body.map(line)].join("\n");
}

/** Formats a ratio with four digits. */
export const ratio = (value: number | undefined): string => value?.toFixed(4) ?? "unknown";

/** Returns a logger for an installation. It prints at most one package per second: all of them would be noise, none would look like a hang. */
export function installationLog(): (line: string) => void {
  let lastPrinted = performance.now();
  return (line) => {
    if (/^ [+-] /.test(line) && performance.now() - lastPrinted < 1000) return;
    lastPrinted = performance.now();
    console.log(`  │ ${line.slice(0, 140)}`);
  };
}
