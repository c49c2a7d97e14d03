import { execFileSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { cpus, totalmem } from "node:os";
import { dirname } from "node:path";
import type { Figures } from "./figures.ts";
import type { RunningContender } from "./processes.ts";
import type { RawRuns } from "./raw.ts";
import { CASES, CASES_C32, type Case, type CaseResult, caseName, median, type Results } from "./rounds.ts";

export interface Measured {
  readonly name: string;
  readonly startMs: number;
  readonly rssMiB: number;
}

export const measured = async ({ name, startMs, rssMiB }: RunningContender): Promise<Measured> => ({
  ...{ name, startMs },
  rssMiB: await rssMiB(),
});

const of = (results: readonly CaseResult[], pick: (result: CaseResult) => number) => median(results.map(pick));

/** A Markdown table a case, with a line of the model alone. */
export function tables(results: Results, servers: readonly Measured[], raw: readonly RawRuns[]): string {
  const costs = servers.map(
    ({ name, startMs, rssMiB }) => `| ${name} | ${startMs.toFixed(0)} | ${rssMiB.toFixed(0)} |`,
  );
  return `${caseTables(results, servers, raw, CASES)}

### Start and memory

| server | start to first answer ms | memory after all of the load MiB |
| --- | ---: | ---: |
${costs.join("\n")}
`;
}

/** The same of the model of typed columns. */
export const mixedTables = (results: Results, servers: readonly Pick<Measured, "name">[]): string =>
  `## Mixed model: 7 float columns, one of int64, one of booleans, three of texts

A \`ColumnTransformer\` and a logistic regression by skl2onnx ([make.py](../bench/service/mixed/make.py)): 12 tensors. The same JSON for all, \`{"features": [[…], …]}\`.

${caseTables(results, servers, [], CASES_C32)}
`;

function caseTables(
  results: Results,
  servers: readonly Pick<Measured, "name">[],
  raw: readonly RawRuns[],
  cases: readonly Case[],
): string {
  const table = (one: Case) => {
    const rows = servers.flatMap(({ name }) => {
      const found = results.get(name)?.get(caseName(one));
      if (!found) return [];
      const cells = [
        of(found, ({ rate }) => rate).toFixed(0),
        of(found, ({ p50 }) => p50).toFixed(2),
        of(found, ({ p99 }) => p99).toFixed(2),
        of(found, ({ cpuMicros }) => cpuMicros).toFixed(0),
      ];
      return [`| ${[name, ...cells].join(" | ")} |`];
    });
    for (const { rate, p50, p99, cpuMicros } of raw.filter(({ rows }) => rows === one.rows))
      rows.push(
        `| (onnxruntime alone) | ${rate.toFixed(0)} | ${p50.toFixed(2)} | ${p99.toFixed(2)} | ${cpuMicros.toFixed(0)} |`,
      );
    return `### ${one.connections} ${one.connections === 1 ? "connection" : "connections"}, ${one.rows} ${one.rows === 1 ? "row" : "rows"} a request

| server | requests/s | p50 ms | p99 ms | processor µs a request |
| --- | ---: | ---: | ---: | ---: |
${rows.join("\n")}`;
  };
  return cases.map(table).join("\n\n");
}

/** Writes docs/benchmarks.md. */
export async function writeReport(
  path: string,
  text: string,
  facts: {
    readonly figures: Figures;
    readonly rounds: number;
    readonly seconds: number;
    readonly versions: readonly string[];
    readonly missing: readonly string[];
    readonly loadAverage: string;
  },
): Promise<void> {
  const [cpu] = cpus();
  const { figures, rounds, seconds, versions, missing, loadAverage } = facts;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(
    path,
    `# Benchmarks of the inference service

Written by \`npm run bench:service\` on ${new Date().toISOString().slice(0, 10)}. Do not edit: run it again.

Machine: ${cpus().length} x ${cpu?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB. Load average while measuring: ${loadAverage}; above the share of this bench itself (about 1.5) other work was
running, and only the ratios mean anything. Medians of ${rounds} rounds of ${seconds} s; within a round all servers of a case take turns. Servers and the load generator
(wrk) have cores of their own. One server process each. The echoes parse the same JSON and answer a constant: they are what Node's HTTP leaves as the limit.
"onnxruntime alone" is \`session.run\` in a loop in one process: what the model itself takes, by the number of rows.

${text}
Figures: \`${JSON.stringify(figures)}\`

Versions: ${versions.join(", ")}.
${missing.length > 0 ? `\nNot measured: ${missing.join("; ")}.\n` : ""}`,
  );
}

/** What is installed in a peer's environment, as far as it was asked for. */
export function pythonVersions(python: string, packages: readonly string[]): string[] {
  const script = "import sys, importlib.metadata as m; print(' '.join(f'{p} {m.version(p)},' for p in sys.argv[1:]))";
  return execFileSync(python, ["-c", script, ...packages], { encoding: "utf8" })
    .trim()
    .split(",")
    .map((text) => text.trim())
    .filter(Boolean);
}
