import type { Refusal } from "./promotion-guard.ts";

/** Lets one version pass the guard's refusal for some days. */
export interface PromotionOverride {
  readonly version: string;
  readonly reason: string;
  /** Who answers for it. */
  readonly who: string;
  /** ISO 8601 with a zone: from then on it counts for nothing. */
  readonly expires: string;
}

export interface Decision {
  readonly allowed: boolean;
  /** A line for each reason against the version. */
  readonly told: readonly string[];
  /** For the history: why it may go to production, or may not. */
  readonly why: string;
}

/** Why a version went to production that the guard let pass by itself. */
const PROVED = "the gate passed it and staging verified it";
const OVERRIDE = "override: ";

/** Whether a history's reason is that of an override. */
export const isByOverride = (why: string | undefined): boolean => why?.startsWith(OVERRIDE) ?? false;

export const hasExpired = ({ expires }: PromotionOverride, now: Date): boolean =>
  !(Date.parse(expires) > now.getTime());

/**
 * Decides about a version: it passes without a refusal, or with an override if all refusals can be overridden.
 * An override of another version does not count; nor does an expired one, which is reported.
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
  const told = refusals.map(
    ({ reason, overridable }) =>
      `${reason}${valid && !overridable ? " (promotion.override does not count for this)" : ""}`,
  );
  if (given && !valid && refusals.length > 0)
    told.push(`promotion.override by ${given.who} expired on ${given.expires}`);
  const allowed = refusals.length === 0 || (valid !== undefined && refusals.every(({ overridable }) => overridable));
  if (!allowed) return { allowed, told, why: told.join("; ") };
  const answered =
    valid && `${valid.reason} (${valid.who} answers for it until ${valid.expires}; refused because ${reasons})`;
  return { allowed, told, why: refusals.length === 0 ? PROVED : `${OVERRIDE}${answered}` };
}
