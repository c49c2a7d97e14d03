import type { ModelVersion } from "./model-versions.ts";

/** Tag that withdraws a version; its value is the reason. It suffices alone, so a version can also be withdrawn on MLflow's page. */
const WITHDRAWN_TAG = "gate.withdrawn";
const BY_TAG = "gate.withdrawn_by";
const AT_TAG = "gate.withdrawn_at";

/** MLflow rejects longer tag values (the limit is 5,000 characters in older servers). */
const MAX_TAG = 4_900;

/** Returns why a version was withdrawn, with who withdrew it and when, if known; undefined if it was not. */
export function withdrawalOf({ tags }: Pick<ModelVersion, "tags">): string | undefined {
  const reason = tags[WITHDRAWN_TAG];
  if (reason === undefined) return undefined;
  const [by, at] = [tags[BY_TAG], tags[AT_TAG]];
  const details = [by && `by ${by}`, at && `on ${at}`].filter(Boolean).join(" ");
  return `${reason.trim() || "no reason was given"}${details && ` (${details})`}`;
}

/** Returns the tags that withdraw a version. The reason is written last: it takes effect, and must not appear beside an earlier author. */
export const withdrawalTags = (reason: string, who: string, when: Date): Record<string, string> => ({
  [BY_TAG]: who,
  [AT_TAG]: when.toISOString(),
  [WITHDRAWN_TAG]: reason.slice(0, MAX_TAG).toWellFormed(),
});
