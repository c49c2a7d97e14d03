import { askFresh, parseHealth } from "../infra/fresh-request.ts";

/** As many connections: pods of two versions may share the callers after a rollout that failed. */
const CONNECTIONS = 5;

/** Asks the service what it is; undefined when nothing of ours answers. */
export const healthAt = (url: string) =>
  askFresh(`${url}/health`).then(
    ({ body }) => parseHealth(body),
    () => undefined,
  );

/** Returns the versions of the model that callers reach, each once; none when nothing of ours answers. */
export async function versionsAt(url: string, model: string): Promise<string[]> {
  const answers = await Promise.all(Array.from({ length: CONNECTIONS }, () => healthAt(url)));
  return [...new Set(answers.flatMap((health) => (health?.model === model ? health.version : [])))];
}

/**
 * The version that callers reach although the registry does not have it in production, as after an update that failed its last check.
 * @param served versions that callers reach; where none answers, the config says what the last update was to serve
 * @param configured `promotion.version`
 * @param production the registry's version in production
 * @returns undefined when the registry's version serves alone, or when there is none to compare with
 */
export function servedInstead(
  served: readonly string[],
  configured: string | undefined,
  production: string | undefined,
): string | undefined {
  if (production === undefined) return undefined;
  const reached = served.length > 0 ? served : configured === undefined ? [] : [configured];
  return reached.find((version) => version !== production);
}
