import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import type { Ran } from "./project.ts";

export type Cell = string | number | null;

/** Runs `npm run example -- <name> <command>`, with its files in another folder. */
export async function runExample(folder: string, name: string, ...command: string[]): Promise<Ran> {
  const child = spawn(process.execPath, ["examples/run.ts", name, ...command], {
    env: { ...process.env, EXAMPLES_FOLDER: folder, NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise<number>((done) => child.once("close", (code) => done(code ?? -1)));
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { exitCode: await ended, output: out + err };
}

/** Reads an example's evaluation snapshot as JSON values: numbers, texts, null for a missing value. */
export async function readExampleRows(
  name: string,
  without: readonly string[],
): Promise<Readonly<Record<string, Cell>>[]> {
  const [head = "", ...lines] = (await readFile(`examples/${name}/data/evaluation.csv`, "utf8")).trimEnd().split("\n");
  const columns = head.split(",");
  return lines.map((line) => {
    const cells = line.split(",").map(jsonOf);
    const entries = columns.map((column, place) => [column, cells[place] ?? null] as const);
    return Object.fromEntries(entries.filter(([column]) => !without.includes(column)));
  });
}

function jsonOf(written: string): Cell {
  if (written === "NA") return null;
  return Number.isNaN(Number(written)) ? written : Number(written);
}
