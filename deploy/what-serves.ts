import { getFresh, parseHealth } from "../infra/fresh-request.ts";
import { type HistoryEvent, lastReached } from "../registry/history-event.ts";

/** Number of connections: after a failed rollout, pods of two versions may share the callers. */
const CONNECTIONS = 5;

/** Returns the service's identity; undefined if no service of this project answers. */
export const healthAt = (url: string) =>
  getFresh(`${url}/health`).then(
    ({ body }) => parseHealth(body),
    () => undefined,
  );

/** Returns the distinct versions of the model that callers reach; empty if no service of this project answers. */
export async function versionsAt(url: string, model: string): Promise<string[]> {
  const answers = await Promise.all(Array.from({ length: CONNECTIONS }, () => healthAt(url)));
  return [...new Set(answers.flatMap((health) => (health?.model === model ? health.version : [])))];
}

/**
 * Finds a version that callers reach, or soon will, although it is not in production according to the registry. An update that failed its last check, or
 * was killed, leaves such a version.
 * @param served versions that callers reach; if empty, `expected` counts instead
 * @param expected what the last update should serve: see expectedVersion
 * @param production the registry's version in production
 * @param attempted version of an attempt without a recorded end, because a rollout may continue after its update was killed
 * @returns undefined if only the registry's version serves, or there is none to compare with
 */
export function servedInstead(
  served: readonly string[],
  expected: string | undefined,
  production: string | undefined,
  attempted?: string,
): string | undefined {
  if (production === undefined) return undefined;
  const reached = served.length > 0 ? served : expected === undefined ? [] : [expected];
  return [...reached, attempted].find((version) => version !== undefined && version !== production);
}

/**
 * Returns the version that the last update should serve. The history decides: every update records what callers may reach. The config only counts without
 * a history, because this machine's stack file may be older than the last update.
 * @param configured `promotion.version`
 */
export const expectedVersion = (
  events: readonly HistoryEvent[],
  configured: string | undefined,
): string | undefined => {
  const last = lastReached(events);
  return last ? last.to : configured;
};
