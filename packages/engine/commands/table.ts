/**
 * Prints tables and JSON to standard output.
 * @module
 */

export function printTable(headers: readonly string[], rows: readonly (readonly string[])[], prefix = ""): void {
  const widths = headers.map((header, i) => Math.max(header.length, ...rows.map((row) => row[i]?.length ?? 0)));
  for (const row of [headers, ...rows]) {
    const cells = row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd((widths[i] ?? 0) + 2)));
    process.stdout.write(`${prefix}${cells.join("")}\n`);
  }
}

export const printJson = (value: unknown): void =>
  void process.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`);
