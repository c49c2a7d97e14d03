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
  /** Digest of its files at its last promotion, else at its gate. */
  readonly toSha256: string | undefined;
  /** When it was last in production; undefined if it never was. Without `until`, it is still in production according to the registry. */
  readonly last: { readonly from: string; readonly until?: string | undefined } | undefined;
  readonly gate: GateEvidence | undefined;
  readonly staging: DeploymentEvidence | undefined;
  /** The version's last move into production, if its evidence counts because the version's own is not a pass. */
  readonly former: HistoryEvent | undefined;
  /** Digest of the files of the version that is replaced. */
  readonly fromSha256: string | undefined;
}

/** Reasons against each version, by number: empty if the guard would accept it, absent if the registry no longer has it. */
export type Refusals = ReadonlyMap<string, readonly string[]>;

/**
 * Chooses the version to go back to: the requested one; else, if callers reach another version, the registry's production version; else the last one that
 * was in production, was not rolled back from, and passes the guard.
 * @param versions the registry's versions, at least those in the history
 * @param refusals of these versions
 * @param current production version according to the registry
 * @param more.wanted the requested version
 * @param more.instead what callers reach instead of the current version, as after a failed update
 * @throws Error that says for each former production version why it cannot be rolled back to
 */
export function planRollback(
  events: readonly HistoryEvent[],
  versions: readonly ModelVersion[],
  refusals: Refusals,
  current: string | undefined,
  { wanted, instead }: { readonly wanted?: string | undefined; readonly instead?: string | undefined } = {},
): RollbackPlan {
  const byNumber = new Map(versions.map((version) => [version.version, version]));
  const from = instead ?? current;
  const to = wanted ?? pick(events, refusals, current, instead);
  if (to === instead)
    throw new Error(`version ${to} serves already, although its update failed. To try that again, run pulumi up`);
  if (to === from) throw new Error(`version ${to} is in production already`);
  const version = byNumber.get(to);
  if (!version) throw new Error(`the registry has no version ${to}`);
  const against = refusals.get(to) ?? [];
  if (against.length > 0)
    throw new Error(`version ${to} cannot be rolled back to:\n${against.map((reason) => `  - ${reason}`).join("\n")}`);
  const moves = movesAmong(events);
  const entered = moves.findLastIndex((move) => move.to === to);
  const [entry, exit] = [moves[entered], moves[entered + 1]];
  const isThere = to === current;
  const promoted = events.findLast((event) => MOVES.includes(event.kind) && event.to === to);
  const gate = readGateEvidence(version);
  const staging = readDeploymentEvidence(version, "staging");
  // The guard has no reasons against the version, so evidence other than a pass is not what it relies on.
  const isVerified = gate?.verdict === "passed" && staging?.verdict === "passed";
  const leaving = from === undefined ? undefined : byNumber.get(from);
  return {
    from,
    to,
    last: entry && (exit || isThere) ? { from: entry.when, until: exit?.when } : undefined,
    gate,
    toSha256: promoted?.modelSha256 ?? gate?.modelSha256,
    staging,
    former: isVerified ? undefined : promoted,
    fromSha256: leaving && readGateEvidence(leaving)?.modelSha256,
  };
}

function pick(
  events: readonly HistoryEvent[],
  refusals: Refusals,
  current: string | undefined,
  instead: string | undefined,
): string {
  const reasons: string[] = [];
  if (instead !== undefined && current !== undefined) {
    const against = refusals.get(current) ?? ["the registry no longer has it"];
    if (against.length === 0) return current;
    reasons.push(`version ${current}: ${against.join("; ")}`);
  }
  for (const { version, until, wasGood } of formerVersions(events, current)) {
    if (version === instead) continue;
    const against = wasGood
      ? (refusals.get(version) ?? ["the registry no longer has it"])
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

/** Describes the plan for the person who confirms it. */
export function describePlan(plan: RollbackPlan): string {
  const { from, to, last, fromSha256, toSha256 } = plan;
  return [
    `from  version ${from ?? "(none)"}${fromSha256 ? `, sha256 ${fromSha256}` : ""}`,
    `to    version ${to}, sha256 ${toSha256 ?? "unknown"}`,
    ...[describeTime(last), ...evidenceLines(plan)].map((line) => `      ${line}`),
  ].join("\n");
}

/** Describes the evidence that counts first, then a later verdict that does not. */
function evidenceLines({ gate, staging, former }: RollbackPlan): string[] {
  if (!former)
    return [
      `gate ${gate?.verdict ?? "unknown"} on ${gate?.judgedAt ?? "?"}: ${gate?.summary ?? ""}`,
      `staging ${staging?.verdict ?? "unknown"} on ${staging?.verifiedAt ?? "?"}`,
    ];
  const lines = [
    `gate passed and staging verified it before it went into production on ${former.when}: this evidence counts`,
  ];
  // The other fields of pending evidence belong to an earlier verdict.
  if (gate && gate.verdict !== "passed" && gate.verdict !== "pending") {
    const terms = gate.policySha256 === former.policySha256 ? "against another champion" : "under another policy";
    lines.push(`gate ${gate.verdict} later, on ${gate.judgedAt}, ${terms}, which does not count: ${gate.summary}`);
  }
  if (staging && staging.verdict !== "passed" && staging.verdict !== "pending")
    lines.push(`staging ${staging.verdict} on ${staging.verifiedAt}, which does not count`);
  return lines;
}

const describeTime = (last: RollbackPlan["last"]) => {
  if (!last) return "was never in production";
  return last.until ? `in production from ${last.from} until ${last.until}` : `in production since ${last.from}`;
};

interface Served {
  readonly model: string;
  readonly version: string;
  /** Expected digest of its files; undefined if the registry does not have it. */
  readonly sha256: string | undefined;
}

/**
 * Ensures that the planned model, version and files serve after the update, because another model may have the same version number.
 * @param served undefined if no service of this project answers
 * @throws Error that names both
 */
export function requireServed(url: string, served: Served | undefined, planned: Served): void {
  const sha256 = planned.sha256 ?? served?.sha256;
  if (served?.model === planned.model && served.version === planned.version && served.sha256 === sha256) return;
  throw new Error(`${url} serves ${served ? inWords(served) : "nothing"}; it should be ${inWords(planned)}`);
}

const inWords = ({ model, version, sha256 }: Served) =>
  `${model} version ${version}${sha256 ? `, sha256 ${sha256}` : ""}`;
