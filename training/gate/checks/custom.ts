import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeParquet } from "../../../data/writer/write-parquet.ts";
import type { Snapshot } from "../../snapshot.ts";
import { compare, failed } from "../bounds.ts";
import type { CheckResult } from "../check.ts";
import { type MetricAnswer, metricAnswer } from "../custom/metric-answer.ts";
import { predictionsTable } from "../custom/predictions-table.ts";
import { commandDigests, runMetric } from "../custom/run-metric.ts";
import type { Evaluation } from "../evaluation.ts";
import type { MetricValues } from "../metrics/metrics-of.ts";
import type { CustomMetric, CustomPolicy } from "./custom-policy.ts";
import { percent } from "./performance.ts";

const TIMEOUT_SECONDS = 300;

/**
 * Runs each metric's command on a Parquet file of the predictions and holds what it prints against its bounds. A command that fails, or prints no number,
 * fails its check.
 */
export async function judgeCustom(
  evaluation: Evaluation,
  snapshot: Snapshot,
  policy: CustomPolicy,
): Promise<{ readonly results: readonly CheckResult[]; readonly metrics: MetricValues }> {
  const results: CheckResult[] = [];
  const metrics: MetricValues = {};
  const table = predictionsTable(evaluation, snapshot);
  if (typeof table === "string")
    return {
      results: Object.entries(policy).map(([name, { level }]) => failed(about(name, level), `${name}: ${table}`)),
      metrics,
    };
  const folder = await mkdtemp(join(tmpdir(), "predictions-"));
  try {
    const predictions = join(folder, "predictions.parquet");
    await writeParquet(table, predictions);
    for (const [name, terms] of Object.entries(policy)) {
      const answer = await ask(terms, predictions);
      if (typeof answer !== "string") metrics[`custom.${name}`] = answer.value;
      results.push(...judged(name, terms, answer, await provenance(terms)));
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return { results, metrics };
}

const about = (name: string, level: CustomMetric["level"]) =>
  ({ check: `custom.${name}`, group: "custom", level }) as const;

/** Runs the command. @returns a text that says why there is no value */
async function ask(
  { command, confidence, timeoutSeconds = TIMEOUT_SECONDS }: CustomMetric,
  predictions: string,
): Promise<MetricAnswer | string> {
  const { stdout, stderr, failure } = await runMetric({ command, confidence, timeoutSeconds, predictions });
  const answer = failure ?? metricAnswer(stdout);
  if (typeof answer !== "string") return answer;
  const lines = lastLines(stderr);
  return `the command ${command.join(" ")} ${answer}${lines === "" ? "" : `; its last lines on stderr: ${lines}`}`;
}

const LINES = 5;
const CHARACTERS = 500;

/** Of what a command wrote, as one line. */
const lastLines = (text: string): string =>
  text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .slice(-LINES)
    .join(" | ")
    .slice(-CHARACTERS);

/** What was run. */
async function provenance({ command }: CustomMetric): Promise<string> {
  const digests = Object.entries(await commandDigests(command)).map(([file, sha256]) => `${file} sha256 ${sha256}`);
  return `printed by ${command.join(" ")}${digests.length > 0 ? ` (${digests.join(", ")})` : ""}`;
}

function judged(
  name: string,
  { min, max, confidence: share, level }: CustomMetric,
  answer: MetricAnswer | string,
  why: string,
): CheckResult[] {
  const check = about(name, level);
  if (typeof answer === "string") return [failed(check, `${name}: ${answer}`)];
  const { value, interval } = answer;
  if (share !== undefined && !interval)
    return [
      failed(
        check,
        `${name} ${value}: the policy has confidence, and the command printed no "interval". Print one, or drop confidence`,
      ),
    ];
  const one = (relation: ">=" | "<=", bound: number): CheckResult => {
    const common = { ...check, label: name, value, bound, relation, why, ...(interval && { interval }) };
    if (share === undefined || !interval) return compare(common);
    const judged =
      relation === ">="
        ? { label: `lower bound at ${percent(share)}`, value: interval[0] }
        : { label: `upper bound at ${percent(share)}`, value: interval[1] };
    return compare({ ...common, judged, confidence: share });
  };
  return [...(min === undefined ? [] : [one(">=", min)]), ...(max === undefined ? [] : [one("<=", max)])];
}
