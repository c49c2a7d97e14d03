import { styleText } from "node:util";

/** Something that the story says happened, and did not. */
export class StoryError extends Error {
  override name = "StoryError";
}

/** Plain where stdout is no terminal or NO_COLOR asks for it. */
const styled = (style: Parameters<typeof styleText>[0], text: string) =>
  styleText(style, text, { stream: process.stdout });

/** Starts a step of the story. */
export function step(title: string, proves: string): void {
  console.log(`\n${styled("bold", title)}\n  ${styled("dim", proves)}`);
}

/** Says what was seen, if it was; ends the story otherwise. */
export function expect(seen: boolean, told: string): void {
  if (!seen) throw new StoryError(`expected, but not so: ${told}`);
  console.log(`  ${styled("green", "✔")} ${told}`);
}

/** Lines up columns by their longest cell. */
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

/** Shows what an installation prints: a line a package is too much, silence for a minute is too little. */
export function installationLog(): (line: string) => void {
  let last = performance.now();
  return (line) => {
    if (/^ [+-] /.test(line) && performance.now() - last < 1000) return;
    last = performance.now();
    console.log(`  │ ${line.slice(0, 140)}`);
  };
}
