import type { ModelVersion } from "./model-versions.ts";

/** Its value is the reason. The one tag is enough: who has only MLflow's page can withdraw a version there. */
const WITHDRAWN_TAG = "gate.withdrawn";
const BY_TAG = "gate.withdrawn_by";
const AT_TAG = "gate.withdrawn_at";

/** MLflow refuses longer values (5,000 characters in its older servers). */
const MAX_TAG = 4_900;

/** Why a version must no longer be in production, with who withdrew it and when, if known; undefined when it may be. */
export function withdrawalOf({ tags }: Pick<ModelVersion, "tags">): string | undefined {
  const reason = tags[WITHDRAWN_TAG];
  if (reason === undefined) return undefined;
  const [by, at] = [tags[BY_TAG], tags[AT_TAG]];
  const details = [by && `by ${by}`, at && `on ${at}`].filter(Boolean).join(" ");
  return `${reason.trim() || "no reason was given"}${details && ` (${details})`}`;
}

/** Tags that withdraw a version. The reason goes last: it counts, and must not stand beside the author of an earlier one. */
export const withdrawalTags = (reason: string, who: string, when: Date): Record<string, string> => ({
  [BY_TAG]: who,
  [AT_TAG]: when.toISOString(),
  [WITHDRAWN_TAG]: reason.slice(0, MAX_TAG).toWellFormed(),
});
