import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeParquet } from "../../../data/writer/write-parquet.ts";
import type { Snapshot } from "../../snapshot.ts";
import { compare, failed } from "../bounds.ts";
import type { CheckResult } from "../check.ts";
import { type MetricAnswer, metricAnswer } from "../custom/metric-answer.ts";
import { predictionsTable } from "../custom/predictions-table.ts";
import { runMetric } from "../custom/run-metric.ts";
import { commandDigests } from "../custom/scripts.ts";
import type { Evaluation } from "../evaluation.ts";
import type { MetricValues } from "../metrics/metrics-of.ts";
import type { CustomMetric, CustomPolicy } from "./custom-policy.ts";
import { percent } from "./performance.ts";

const TIMEOUT_SECONDS = 300;

/** Custom metrics of a model's predictions. `close` deletes the temporary file that their commands read. */
export interface CustomMetrics {
  /** Compares the metrics with their bounds. Reruns a command whose confidence differs from the policy's. */
  readonly judge: (terms: CustomPolicy) => Promise<readonly CheckResult[]>;
  /** Values by metric name, filled by `judge`. */
  readonly metrics: MetricValues;
  readonly close: () => Promise<void>;
}

/**
 * Writes the predictions to a Parquet file, on which each metric's command runs. A command that fails or prints no number fails its check.
 * @param policy with each metric's confidence before the adjustment for multiplicity
 */
export async function openCustom(
  evaluation: Evaluation,
  snapshot: Snapshot,
  policy: CustomPolicy,
): Promise<CustomMetrics> {
  const table = predictionsTable(evaluation, snapshot);
  const metrics: MetricValues = {};
  if (typeof table === "string") {
    const judge = async (terms: CustomPolicy) =>
      Object.entries(terms).map(([name, { level }]) => failed(about(name, level), `${name}: ${table}`));
    return { judge, metrics, close: async () => {} };
  }
  const folder = await mkdtemp(join(tmpdir(), "predictions-"));
  const close = () => rm(folder, { recursive: true, force: true });
  try {
    const predictions = join(folder, "predictions.parquet");
    await writeParquet(table, predictions);
    const answers = new Map<string, Promise<MetricAnswer | string>>();
    const answerTo = (name: string, terms: CustomMetric) => {
      const key = `${name} ${terms.confidence}`;
      const answer = answers.get(key) ?? runCommand(terms, predictions);
      answers.set(key, answer);
      return answer;
    };
    const judge = async (adjusted: CustomPolicy) => {
      const results: CheckResult[] = [];
      for (const [name, terms] of Object.entries(adjusted)) {
        const answer = await answerTo(name, terms);
        const plain = policy[name] ?? terms;
        const first = plain.confidence === terms.confidence ? answer : await answerTo(name, plain);
        if (typeof first !== "string") metrics[`custom.${name}`] = first.value;
        results.push(
          ...judged(name, terms, ignoredConfidence(plain, first, terms, answer) ?? answer, await provenance(terms)),
        );
      }
      return results;
    };
    return { judge, metrics, close };
  } catch (error) {
    await close();
    throw error;
  }
}

const about = (name: string, level: CustomMetric["level"]) =>
  ({ check: `custom.${name}`, group: "custom", level }) as const;

/** Runs a metric's command. @returns its answer, or why there is none */
async function runCommand(
  { command, confidence, timeoutSeconds = TIMEOUT_SECONDS }: CustomMetric,
  predictions: string,
): Promise<MetricAnswer | string> {
  const { stdout, stderr, failure } = await runMetric({ command, confidence, timeoutSeconds, predictions });
  const answer = failure ?? metricAnswer(stdout);
  if (typeof answer !== "string") return answer;
  const lines = lastLines(stderr);
  return `the command ${command.join(" ")} ${answer}${lines === "" ? "" : `; last lines on stderr: ${lines}`}`;
}

/** Reports a command that ignores CONFIDENCE: its interval does not have the level that the family of bounds requires. */
function ignoredConfidence(
  plain: CustomMetric,
  first: MetricAnswer | string,
  adjusted: CustomMetric,
  answer: MetricAnswer | string,
): string | undefined {
  if (plain.confidence === undefined || adjusted.confidence === undefined) return undefined;
  if (plain.confidence === adjusted.confidence || typeof first === "string" || typeof answer === "string")
    return undefined;
  if (!first.interval || !answer.interval || first.interval.some((end, index) => end !== answer.interval?.[index]))
    return undefined;
  return (
    `the command printed the same interval [${first.interval.join(", ")}] for ${percent(plain.confidence)} and for the ` +
    `${percent(adjusted.confidence)} that gate.multiplicity: holm requires. Compute it at the confidence in CONFIDENCE, or set level: advisory`
  );
}

const LAST_LINES = 5;
const MAX_CHARACTERS = 500;

/** Returns the last lines of a command's output, joined into one. */
const lastLines = (text: string): string =>
  text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .slice(-LAST_LINES)
    .join(" | ")
    .slice(-MAX_CHARACTERS);

/** Describes the command and the digests of its files, for the report. */
async function provenance({ command }: CustomMetric): Promise<string> {
  const digests = Object.entries(await commandDigests(command)).map(([file, sha256]) => `${file} sha256 ${sha256}`);
  return `printed by ${command.join(" ")}${digests.length > 0 ? ` (${digests.join(", ")})` : ""}`;
}

function judged(
  name: string,
  { min, max, confidence, level }: CustomMetric,
  answer: MetricAnswer | string,
  why: string,
): CheckResult[] {
  const check = about(name, level);
  if (typeof answer === "string") return [failed(check, `${name}: ${answer}`)];
  const { value, interval } = answer;
  if (confidence !== undefined && !interval)
    return [
      failed(
        check,
        `${name} ${value}: the policy sets confidence, but the command printed no "interval". Print one, or remove confidence`,
      ),
    ];
  const one = (relation: ">=" | "<=", bound: number): CheckResult => {
    const common = { ...check, label: name, value, bound, relation, why, ...(interval && { interval }) };
    if (confidence === undefined || !interval) return compare(common);
    const judged =
      relation === ">="
        ? { label: `lower bound at ${percent(confidence)}`, value: interval[0] }
        : { label: `upper bound at ${percent(confidence)}`, value: interval[1] };
    return compare({ ...common, judged, confidence });
  };
  return [...(min === undefined ? [] : [one(">=", min)]), ...(max === undefined ? [] : [one("<=", max)])];
}
