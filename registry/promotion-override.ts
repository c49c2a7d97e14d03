import type { Refusal } from "./promotion-guard.ts";

/** Allows one version that the guard refuses, until it expires. */
export interface PromotionOverride {
  readonly version: string;
  readonly reason: string;
  /** Who takes responsibility for it. */
  readonly who: string;
  /** End of validity: ISO 8601 with a zone. */
  readonly expires: string;
}

export interface Decision {
  readonly allowed: boolean;
  /** One line per reason against the version. */
  readonly lines: readonly string[];
  /** Reason for the history: why the version may go to production, or why not. */
  readonly why: string;
}

/** Reason in the history for a version that needed no override. */
const VERIFIED = "the gate passed it and staging verified it";
/** Prefix by which an override is recognised in the history. */
const OVERRIDE = "override: ";

/** Returns whether a reason in the history is an override's. */
export const isByOverride = (why: string | undefined): boolean => why?.startsWith(OVERRIDE) ?? false;

export const hasExpired = ({ expires }: PromotionOverride, now: Date): boolean =>
  !(Date.parse(expires) > now.getTime());

/**
 * Decides whether a version may go to production. It may if there are no refusals, or if an override covers all of them. An override of
 * another version is ignored; an expired one is ignored and reported.
 */
export function decidePromotion(
  version: string,
  refusals: readonly Refusal[],
  override: PromotionOverride | undefined,
  now: Date,
): Decision {
  const given = override?.version === version ? override : undefined;
  const valid = given && !hasExpired(given, now) ? given : undefined;
  const reasons = refusals.map(({ reason }) => reason).join("; ");
  const lines = refusals.map(
    ({ reason, overridable }) =>
      `${reason}${valid && !overridable ? " (promotion.override cannot override this)" : ""}`,
  );
  if (given && !valid && refusals.length > 0)
    lines.push(`promotion.override by ${given.who} expired on ${given.expires}`);
  const allowed = refusals.length === 0 || (valid !== undefined && refusals.every(({ overridable }) => overridable));
  if (!allowed) return { allowed, lines, why: lines.join("; ") };
  const justification =
    valid && `${valid.reason} (${valid.who} answers for it until ${valid.expires}; refused because ${reasons})`;
  return { allowed, lines, why: refusals.length === 0 ? VERIFIED : `${OVERRIDE}${justification}` };
}
