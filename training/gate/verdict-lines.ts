import type { GateReport } from "./report.ts";

type Judged = Pick<GateReport, "verdict" | "summary" | "checks"> & {
  readonly facts?: Pick<GateReport["facts"], "constant">;
  readonly model: Pick<GateReport["model"], "name" | "version">;
  readonly evaluation: Pick<GateReport["evaluation"], "path" | "rows">;
};

/** Formats the result for a terminal: one line per check, plus the verdict's reason if no check gives it. @param policy its source */
export function verdictLines({ model, verdict, summary, checks, evaluation, facts }: Judged, policy: string): string {
  const lines = checks.map(
    ({ outcome, required, detail }) => `  ${outcome.padEnd(12)} ${detail}${required ? "" : " (advisory)"}`,
  );
  if (!checks.some(({ required }) => required)) lines.push(`  ${verdict.padEnd(12)} ${summary}`);
  if (facts?.constant) lines.push("  the model predicts the same for every row");
  const judged = `${evaluation.rows} rows of ${evaluation.path}, by the policy of ${policy}`;
  const head = `${model.name} version ${model.version}: gate ${verdict} on ${judged}`;
  return [head, ...lines, "  nothing was written"].join("\n");
}
