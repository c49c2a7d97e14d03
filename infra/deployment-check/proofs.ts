import { isSameAnswer } from "../../registry/same-answer.ts";
import type { SampledAnswer } from "./sampled-answers.ts";

/** What a deployment must prove, and what it did. */
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
  /** As /health names it. */
  readonly stage: string;
  /** What the gate's predictor answered. */
  readonly samples: readonly { readonly answer: SampledAnswer }[];
  /** Milliseconds. */
  readonly maxLatencyMs: number;
}

/** What was seen of a running service. A string says why a thing could not be seen. */
export interface Observation {
  readonly ready: true | string;
  readonly health: { readonly version: string; readonly sha256: string; readonly stage: string } | string;
  readonly answers: readonly SampledAnswer[] | string;
  /** The same rows, each in a request of its own. */
  readonly alone: Observation["answers"];
  /** How a row of the wrong length was answered. */
  readonly malformed: { readonly status: number; readonly contentType: string } | string;
  /** Of single-row requests, one after the other, milliseconds. */
  readonly latenciesMs: readonly number[] | string;
}

/** Judges what was seen; always answers every proof. */
export function judgeDeployment(seen: Observation, expected: Expectation): Proof[] {
  return [
    prove("starts", seen.ready, () => pass("/ready answered 200")),
    prove("loads", seen.health, ({ version, sha256 }) =>
      version === expected.version && sha256 === expected.sha256
        ? pass(`version ${version}, sha256 ${sha256}`)
        : fail(`serves version ${version}, sha256 ${sha256}; approved is ${expected.version}, ${expected.sha256}`),
    ),
    prove("serves", seen.answers, (answers) => {
      const together = compare(answers, expected.samples);
      return together.passed ? prove("serves", seen.alone, (alone) => mixesNoRows(alone, expected.samples)) : together;
    }),
    prove("schema", seen.malformed, ({ status, contentType }) =>
      status >= 400 && status < 500 && contentType.startsWith("application/problem+json")
        ? pass(`a row of the wrong length is refused with ${status}`)
        : fail(`a row of the wrong length was answered with ${status} ${contentType}`),
    ),
    prove("environment", seen.health, ({ stage }) =>
      stage === expected.stage ? pass(`stage ${stage}`) : fail(`stage is ${stage}, it must be ${expected.stage}`),
    ),
    prove("latency", seen.latenciesMs, (all) => {
      const p95 = percentile(all, 0.95);
      const [value, bound] = [`p95 ${p95.toFixed(1)} ms`, `${expected.maxLatencyMs} ms allowed`];
      return p95 <= expected.maxLatencyMs ? pass(`${value} <= ${bound}`) : fail(`${value} > ${bound}`);
    }),
  ];
}

type Finding = Omit<Proof, "proof">;
const pass = (detail: string): Finding => ({ passed: true, detail });
const fail = (detail: string): Finding => ({ passed: false, detail });

function prove<Seen>(proof: Proof["proof"], seen: Seen | string, judge: (seen: Seen) => Finding): Proof {
  return { proof, ...(typeof seen === "string" ? fail(seen) : judge(seen)) };
}

/**
 * The gate asks for all rows at once, and the service runs rows of different callers together: a model that looks at the rows beside one
 * can be good in the gate only, or show a caller something of another's rows.
 */
function mixesNoRows(alone: readonly SampledAnswer[], wanted: Expectation["samples"]): Finding {
  const { passed, detail } = compare(alone, wanted);
  return passed
    ? pass(`${detail}, together and alone`)
    : fail(`asked for one row at a time, ${detail}: what the model says of a row depends on the rows beside it`);
}

function compare(answers: readonly SampledAnswer[], wanted: Expectation["samples"]): Finding {
  if (wanted.length === 0) return fail("the gate's report has no samples to compare with");
  if (answers.length !== wanted.length) return fail(`${answers.length} answers to ${wanted.length} rows`);
  const different = wanted.filter(({ answer }, row) => !isSameAnswer(answers[row], answer));
  return different.length === 0
    ? pass(`/predict answers ${wanted.length} rows as the gate's predictor did`)
    : fail(`/predict answers ${different.length} of ${wanted.length} rows otherwise than the gate's predictor did`);
}

/** Nearest-rank percentile; NaN, which passes no bound, for no values. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}
