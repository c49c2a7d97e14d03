import type { Verdict } from "../../../registry/evidence.ts";
import type { CheckResult } from "../check.ts";
import type { CheckDetails } from "../check-details.ts";
import { METRICS } from "../metrics/metric-table.ts";
import { familywiseText } from "../multiplicity.ts";
import type { GateReport } from "../report.ts";
import { formatNumber } from "./words.ts";

/** First part of the report: the same text on the page and in the Markdown summary. */
export interface Headline {
  readonly verdict: Verdict;
  /** Why, in one line. */
  readonly reason: string;
  /** The other required checks that did not pass: the first ones, and how many more. */
  readonly others: readonly string[];
  /** Such as `Required: 3 passed, 1 failed. Advisory: 1 passed.` */
  readonly counts: string;
  /** Caveats of the verdict: the gate's own sentences, with Markdown's backticks and asterisks. */
  readonly notes: readonly string[];
}

/** More reasons would hide the rest of the page; its checks list all. */
const MOST_OTHERS = 8;

export function headline({ verdict, summary, checks, facts, metrics = {} }: GateReport): Headline {
  const required = checks.filter((check) => check.required);
  const of = (outcome: CheckResult["outcome"]) => required.filter((check) => check.outcome === outcome);
  const [failed, open, passed] = [of("fail"), of("inconclusive"), of("pass")];
  const isPassed = verdict === "passed";
  const blocking = [...failed, ...open];
  const others = isPassed ? open : blocking.slice(1);
  const family = facts.familywise && familywiseText(facts.familywise);
  return {
    verdict,
    reason: isPassed ? passedReason(passed, open.length > 0) : (blocking[0]?.detail ?? summary),
    others: [
      ...others
        .slice(0, MOST_OTHERS)
        .map(({ outcome, detail }) => `${outcome === "inconclusive" ? "inconclusive: " : ""}${detail}`),
      ...(others.length > MOST_OTHERS ? [`and ${others.length - MOST_OTHERS} more`] : []),
    ],
    counts: countsOf(checks),
    notes: [
      ...(verdict === "inconclusive"
        ? [
            "Inconclusive: there are too few rows to decide a required check, and the policy blocks inconclusive results.",
          ]
        : []),
      ...(isPassed && open.length > 0
        ? [`Passed although ${open.length} of the required checks are inconclusive (inconclusive: pass).`]
        : []),
      ...(facts.constant ? ["**The model predicts the same for every row.**"] : []),
      ...baselineNotes(metrics, facts),
      ...(family === undefined ? [] : [family]),
    ],
  };
}

/** Metrics shown for the baseline. */
const COMPARED = ["accuracy", "log_loss", "pr_auc", "root_mean_squared_error", "mean_absolute_error"];

function baselineNotes(metrics: Readonly<Record<string, number>>, facts: CheckDetails): string[] {
  const { baseline = {} } = facts;
  const values = Object.values(METRICS).flatMap(({ label, metric }) => {
    const [ours, theirs] = [metrics[metric], baseline[metric]];
    return !COMPARED.includes(metric) || ours === undefined || theirs === undefined
      ? []
      : [`${label} ${formatNumber(theirs)} (this version ${formatNumber(ours)})`];
  });
  return values.length === 0 ? [] : [`Baseline (knows only the distribution of the truth): ${values.join(", ")}.`];
}

/** Maximum number of checks listed with their values. */
const MOST_DETAILS = 3;

function passedReason(passed: readonly CheckResult[], isOpen: boolean): string {
  const details = passed.slice(0, MOST_DETAILS).map(({ detail }) => detail);
  const listed = `${details.join("; ")}${passed.length > MOST_DETAILS ? "; …" : ""}`;
  if (passed.length === 1 && !isOpen) return listed;
  return `All ${passed.length} required checks${isOpen ? " that are conclusive" : ""} passed: ${listed}`;
}

const WORDS = { pass: "passed", fail: "failed", inconclusive: "inconclusive" } as const;

function countsOf(checks: readonly CheckResult[]): string {
  const sentences = [true, false].flatMap((isRequired) => {
    const own = checks.filter(({ required }) => required === isRequired);
    const parts = (Object.keys(WORDS) as CheckResult["outcome"][]).flatMap((outcome) => {
      const { length } = own.filter((check) => check.outcome === outcome);
      return length === 0 ? [] : [`${length} ${WORDS[outcome]}`];
    });
    return parts.length === 0 ? [] : [`${isRequired ? "Required" : "Advisory"}: ${parts.join(", ")}.`];
  });
  return sentences.length === 0 ? "No check ran." : sentences.join(" ");
}
