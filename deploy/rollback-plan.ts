import {
  type DeploymentEvidence,
  type GateEvidence,
  readDeploymentEvidence,
  readGateEvidence,
} from "../registry/evidence.ts";
import { formerVersions } from "../registry/former-versions.ts";
import { type HistoryEvent, MOVES, movesAmong } from "../registry/history-event.ts";
import type { ModelVersion } from "../registry/model-versions.ts";

export interface RollbackPlan {
  readonly from: string | undefined;
  readonly to: string;
  /** Digest of its files: when it was promoted last, else when the gate judged it. */
  readonly toSha256: string | undefined;
  /** When it last was in production; undefined for a version that never was. */
  readonly last: { readonly from: string; readonly until: string } | undefined;
  readonly gate: GateEvidence | undefined;
  readonly staging: DeploymentEvidence | undefined;
  /** Digest of the files of the version that is left. */
  readonly fromSha256: string | undefined;
}

/** What speaks against a version; empty for one that the guard would let pass. By number; absent: the registry has it no more. */
export type Refusals = ReadonlyMap<string, readonly string[]>;

/**
 * The version to go back to: the one that was asked for, else the last one that was in production, that nobody rolled back from,
 * and that the guard would not refuse.
 * @param versions the registry's, at least those of the history
 * @param refusals of these versions
 * @param current version in production
 * @throws Error that says why each version that was in production is none to go back to
 */
export function planRollback(
  events: readonly HistoryEvent[],
  versions: readonly ModelVersion[],
  refusals: Refusals,
  current: string | undefined,
  wanted?: string,
): RollbackPlan {
  const known = new Map(versions.map((version) => [version.version, version]));
  const to = wanted ?? pick(events, refusals, current);
  if (to === current) throw new Error(`version ${to} is in production already`);
  const version = known.get(to);
  if (!version) throw new Error(`the registry has no version ${to}`);
  const against = refusals.get(to) ?? [];
  if (against.length > 0)
    throw new Error(`version ${to} is none to go back to:\n${against.map((reason) => `  - ${reason}`).join("\n")}`);
  const moves = movesAmong(events);
  const entered = moves.findLastIndex((move) => move.to === to);
  const [came, left] = [moves[entered], moves[entered + 1]];
  const promoted = events.findLast((event) => MOVES.includes(event.kind) && event.to === to);
  const gate = readGateEvidence(version);
  const leaving = current === undefined ? undefined : known.get(current);
  return {
    ...{ from: current, to },
    last: came && left && { from: came.when, until: left.when },
    gate,
    toSha256: promoted?.modelSha256 ?? gate?.modelSha256,
    staging: readDeploymentEvidence(version, "staging"),
    fromSha256: leaving && readGateEvidence(leaving)?.modelSha256,
  };
}

function pick(events: readonly HistoryEvent[], refusals: Refusals, current: string | undefined): string {
  const reasons: string[] = [];
  for (const { version, until, wasGood } of formerVersions(events, current)) {
    const against = wasGood
      ? (refusals.get(version) ?? ["the registry has it no more"])
      : [`rolled back from on ${until}`];
    if (against.length === 0) return version;
    reasons.push(`version ${version}: ${against.join("; ")}`);
  }
  throw new Error(
    [
      "there is no version to go back to that was in production before, was not rolled back from, and would pass the guard",
      ...reasons.map((reason) => `  - ${reason}`),
      "Name one: npm run rollback -- --stack <name> --to <version>",
    ].join("\n"),
  );
}

/** What is going to be done, for whoever has to say yes. */
export function describePlan({ from, to, last, gate, staging, fromSha256, toSha256 }: RollbackPlan): string {
  return [
    `from  version ${from ?? "(none)"}${fromSha256 ? `, sha256 ${fromSha256}` : ""}`,
    `to    version ${to}, sha256 ${toSha256 ?? "unknown"}`,
    `      ${last ? `in production from ${last.from} until ${last.until}` : "never was in production"}`,
    `      gate ${gate?.verdict ?? "unknown"} on ${gate?.judgedAt ?? "?"}: ${gate?.summary ?? ""}`,
    `      staging ${staging?.verdict ?? "unknown"} on ${staging?.verifiedAt ?? "?"}`,
  ].join("\n");
}

interface Served {
  readonly model: string;
  readonly version: string;
  /** Digest of its files; undefined where the registry does not know what it is to be. */
  readonly sha256: string | undefined;
}

/**
 * Makes sure that what answers after the update is what was planned: the same number may be another model's.
 * @param served undefined when nothing of ours answers
 * @throws Error that names both
 */
export function requireServed(url: string, served: Served | undefined, planned: Served): void {
  const sha256 = planned.sha256 ?? served?.sha256;
  if (served?.model === planned.model && served.version === planned.version && served.sha256 === sha256) return;
  throw new Error(`${url} serves ${served ? inWords(served) : "nothing"}; it should be ${inWords(planned)}`);
}

const inWords = ({ model, version, sha256 }: Served) =>
  `${model} version ${version}${sha256 ? `, sha256 ${sha256}` : ""}`;
