import type { GateReport } from "./report.ts";

type Judged = Pick<GateReport, "verdict" | "summary" | "checks"> & {
  readonly facts?: Pick<GateReport["facts"], "constant">;
  readonly model: Pick<GateReport["model"], "name" | "version">;
  readonly evaluation: Pick<GateReport["evaluation"], "path" | "rows">;
};

/** Tells a terminal what the gate found: a line a check, and the reason of the verdict where no check has it. @param policy where it stands */
export function verdictLines({ model, verdict, summary, checks, evaluation, facts }: Judged, policy: string): string {
  const lines = checks.map(
    ({ outcome, required, detail }) => `  ${outcome.padEnd(12)} ${detail}${required ? "" : " (advisory)"}`,
  );
  if (!checks.some(({ required }) => required)) lines.push(`  ${verdict.padEnd(12)} ${summary}`);
  if (facts?.constant) lines.push("  the model answers the same for every row");
  const judged = `${evaluation.rows} rows of ${evaluation.path}, by the policy of ${policy}`;
  const head = `${model.name} version ${model.version}: gate ${verdict} on ${judged}`;
  return [head, ...lines, "  nothing was written"].join("\n");
}
