import { readDeploymentEvidence, readGateEvidence } from "../../../registry/evidence.ts";
import { getModelVersion } from "../../../registry/model-versions.ts";
import type { Step } from "../fault-proxy.ts";
import type { Arena } from "./arena.ts";
import { type CaseResult, hastily } from "./fault-cases.ts";
import { MODEL, type UpdateOptions } from "./update.ts";

/** Options by which a passed version fails when it is judged or verified again. */
const FAILING = {
  gate: { policy: { accuracy: { min: 0.99 } } },
  check: { maxLatencyMs: 0.0001 },
} as const satisfies Record<string, Partial<UpdateOptions>>;
export type Judge = keyof typeof FAILING;
export const JUDGES = ["gate", "check"] as const satisfies readonly Judge[];

/** A write of evidence that the registry rejects, once or from then on, while a passed version fails. */
export interface UnwrittenCase {
  readonly judge: Judge;
  /** Number of the update's request, from 1. */
  readonly nth: number;
  readonly step: Step;
  readonly forGood: boolean;
}

const isWrite = ({ method, path }: Step): boolean => method !== "GET" && !path.endsWith("/search");

/** Returns every write of a failing update, rejected from then on or once, where a retry may succeed. */
export async function allUnwritten(arena: Arena, judge: Judge): Promise<UnwrittenCase[]> {
  arena.proxy.record();
  const failed = await arena.again(FAILING[judge]).catch((error: Error) => error.message);
  if (failed === undefined || !failed.includes(VERDICTS[judge]))
    throw new Error(`an update that should fail its ${judge} did not: ${failed}`);
  const steps = [...arena.proxy.steps];
  await arena.again();
  return steps.flatMap((step, index) =>
    isWrite(step) ? [true, false].map((forGood) => ({ judge, nth: index + 1, step, forGood })) : [],
  );
}

/** Start of a failed update's error, regardless of what could not be recorded. */
const VERDICTS: Readonly<Record<Judge, string>> = {
  gate: `quality gate failed for ${MODEL} version`,
  check: "is not what was approved",
};
/** Error if nothing was judged because the verdict could not be recorded. */
const NOT_JUDGED = /was not (judged|verified): its verdict could not be recorded/;

/** Judges a passed version again so that it fails but cannot record it, then updates production to it, then repairs everything. */
export async function runUnwritten(arena: Arena, { judge, nth, step, forGood }: UnwrittenCase): Promise<CaseResult> {
  const { proxy, client } = arena;
  const problems: string[] = [];
  const wrongPromotions: string[] = [];
  const version = arena.served.staging;
  const before = arena.served.production;
  proxy.record();
  proxy.arm({ fault: "error-500", nth, forGood });
  const failed = await hastily(() => arena.again(FAILING[judge])).then(
    () => undefined,
    (error: Error) => error.message,
  );
  if (proxy.hits === 0) problems.push(`the fault did not strike: ${failed}`);
  await proxy.disarm();
  const judged = failed !== undefined && !NOT_JUDGED.test(failed);
  if (failed === undefined) problems.push("the update did not fail");
  else if (judged && !failed.includes(VERDICTS[judge])) problems.push(`the error does not say the verdict: ${failed}`);
  const found = await getModelVersion(client, MODEL, version);
  const evidence = judge === "gate" ? readGateEvidence(found) : readDeploymentEvidence(found, "staging");
  if (judged && evidence?.verdict === "passed") wrongPromotions.push("the pass of before stands on the version");
  // A version that was not judged is still approved, and may go to production.
  if (judged && version !== before) {
    const promoted = await arena.promote(version).then(
      () => true,
      () => false,
    );
    if (promoted) wrongPromotions.push(`version ${version} went to production, which fails`);
  }
  const notConverged = await repaired(arena, before);
  return {
    name: `${judge} failed, request ${nth}, ${step.method} ${step.path}: refused${forGood ? " for good" : ""}`,
    failed,
    wrongPromotions: [...wrongPromotions, ...(await arena.wrongPromotions())],
    notConverged,
    problems: [...problems, ...arena.unanswered()],
  };
}

async function repaired(arena: Arena, production: string): Promise<string[]> {
  try {
    arena.served.staging = await arena.again();
    await arena.promote(production);
    return [...(await arena.notConverged("staging")), ...(await arena.notConverged("production"))];
  } catch (error) {
    return [(error as Error).message];
  }
}
