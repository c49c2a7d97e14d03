import { isSameAnswer, sizesOf } from "../../registry/same-answer.ts";
import type { SampledAnswer } from "./sampled-answers.ts";

/** A property that a deployment must prove, and the result. */
export interface Proof {
  readonly proof:
    | "starts"
    | "loads"
    | "serves"
    | "schema"
    | "environment"
    | "latency"
    | "image"
    | "dependencies"
    | "limits";
  readonly passed: boolean;
  /** One line. */
  readonly detail: string;
}

export interface Expectation {
  readonly version: string;
  /** Digest of the approved files. */
  readonly sha256: string;
  /** Stage, as reported by /health. */
  readonly stage: string;
  /** Predictions of the gate's predictor. */
  readonly samples: readonly { readonly answer: SampledAnswer }[];
  /** Milliseconds. */
  readonly maxLatencyMs: number;
}

/** Observations of a running service. A string says why something could not be observed. */
export interface Observation {
  readonly ready: true | string;
  readonly health: { readonly version: string; readonly sha256: string; readonly stage: string } | string;
  readonly answers: readonly SampledAnswer[] | string;
  /** Predictions for the same rows, one request each. */
  readonly alone: Observation["answers"];
  /** Response to a row of the wrong length. */
  readonly malformed: { readonly status: number; readonly contentType: string } | string;
  /** Latencies of sequential single-row requests, milliseconds. */
  readonly latenciesMs: readonly number[] | string;
}

/** Judges the observations and always returns every proof. */
export function judgeDeployment(seen: Observation, expected: Expectation): Proof[] {
  return [
    prove("starts", seen.ready, () => pass("/ready answered 200")),
    prove("loads", seen.health, ({ version, sha256 }) =>
      version === expected.version && sha256 === expected.sha256
        ? pass(`version ${version}, sha256 ${sha256}`)
        : fail(
            `serves version ${version} (sha256 ${sha256}), but version ${expected.version} (sha256 ${expected.sha256}) was approved`,
          ),
    ),
    prove("serves", seen.answers, (answers) => {
      const together = compare(answers, expected.samples);
      return together.passed ? prove("serves", seen.alone, (alone) => mixesNoRows(alone, expected.samples)) : together;
    }),
    prove("schema", seen.malformed, ({ status, contentType }) =>
      status >= 400 && status < 500 && contentType.startsWith("application/problem+json")
        ? pass(`a row of the wrong length is rejected with ${status}`)
        : fail(`a row of the wrong length was answered with ${status} ${contentType}`),
    ),
    prove("environment", seen.health, ({ stage }) =>
      stage === expected.stage ? pass(`stage ${stage}`) : fail(`stage is ${stage}, but must be ${expected.stage}`),
    ),
    prove("latency", seen.latenciesMs, (all) => {
      const p95 = percentile(all, 0.95);
      const [value, bound] = [`p95 ${p95.toFixed(1)} ms`, `${expected.maxLatencyMs} ms allowed`];
      return p95 <= expected.maxLatencyMs ? pass(`${value} <= ${bound}`) : fail(`${value} > ${bound}`);
    }),
  ];
}

/** Describes proofs in one line each. Those with the same detail share a line, as when nothing responds. */
export const describeProofs = (proofs: readonly Proof[]): string[] =>
  [...Map.groupBy(proofs, ({ detail }) => detail)].map(
    ([detail, same]) => `${same.map(({ proof }) => proof).join(", ")}: ${detail}`,
  );

type Finding = Omit<Proof, "proof">;
const pass = (detail: string): Finding => ({ passed: true, detail });
const fail = (detail: string): Finding => ({ passed: false, detail });

function prove<Seen>(proof: Proof["proof"], seen: Seen | string, judge: (seen: Seen) => Finding): Proof {
  return { proof, ...(typeof seen === "string" ? fail(seen) : judge(seen)) };
}

/**
 * The gate sends all rows at once, and the service batches rows of different callers. A model whose prediction depends on neighboring rows
 * may be good only in the gate, or may reveal another caller's rows.
 */
function mixesNoRows(alone: readonly SampledAnswer[], wanted: Expectation["samples"]): Finding {
  const { passed, detail } = compare(alone, wanted);
  return passed
    ? pass(`${detail}, together and alone`)
    : fail(`asked for one row at a time, ${detail}: the model's prediction for a row depends on the rows beside it`);
}

function compare(answers: readonly SampledAnswer[], wanted: Expectation["samples"]): Finding {
  if (wanted.length === 0) return fail("the gate's report has no samples to compare with");
  if (answers.length !== wanted.length) return fail(`${answers.length} answers to ${wanted.length} rows`);
  const sizes = sizesOf(wanted.map(({ answer }) => answer));
  const different = wanted.filter(({ answer }, row) => !isSameAnswer(answers[row], answer, sizes));
  return different.length === 0
    ? pass(`/predict answers ${wanted.length} rows like the gate's predictor`)
    : fail(`/predict answers ${different.length} of ${wanted.length} rows differently from the gate's predictor`);
}

/** Nearest-rank percentile; NaN, which passes no bound, for no values. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}
