import { styleText } from "node:util";

/** A step of the story did not happen as expected. */
export class StoryError extends Error {
  override name = "StoryError";
}

/** Plain if stdout is not a terminal or NO_COLOR is set. */
const styled = (style: Parameters<typeof styleText>[0], text: string) =>
  styleText(style, text, { stream: process.stdout });

/** Starts a step of the story. */
export function step(title: string, proves: string): void {
  console.log(`\n${styled("bold", title)}\n  ${styled("dim", proves)}`);
}

/** Prints what was observed; ends the story if it was not. */
export function expect(seen: boolean, told: string): void {
  if (!seen) throw new StoryError(`expected, but not observed: ${told}`);
  console.log(`  ${styled("green", "✔")} ${told}`);
}

/** Aligns columns by their longest cell. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd();
  const [head = [], ...body] = rows;
  return [line(head), widths.map((width) => "─".repeat(width)).join("  "), ...body.map(line)].join("\n");
}

/** Shows an installation's progress: a line per package is too much, a minute of silence too little. */
export function installationLog(): (line: string) => void {
  let last = performance.now();
  return (line) => {
    if (/^ [+-] /.test(line) && performance.now() - last < 1000) return;
    last = performance.now();
    console.log(`  │ ${line.slice(0, 140)}`);
  };
}
