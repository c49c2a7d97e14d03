import { lastMove, lastReached, recordEvent } from "./history.ts";
import type { HistoryEvent } from "./history-event.ts";
import type { MlflowClient } from "./mlflow-client.ts";

interface Move {
  readonly modelName: string;
  readonly version: string;
  readonly modelSha256: string;
}

/**
 * Says in the history, before callers of production are led to another version, that an update begins to do so: an update that is cut off cannot say it
 * afterwards. If it leads them back to the version in production, `end` says so, and there is nothing to say before.
 * @throws RegistryError
 */
export async function recordAttempt(
  client: MlflowClient,
  { modelName, version, modelSha256 }: Move,
): Promise<{ readonly end: () => Promise<void> }> {
  const [served, reached] = await Promise.all([lastMove(client, modelName), lastReached(client, modelName)]);
  if (served?.to !== version) {
    const isOpen = reached?.kind === "attempt" && reached.to === version;
    const why = "an update began to lead callers to this version";
    const event = { kind: "attempt", to: version, modelSha256, why, ...fromOf(served, version) } as const;
    if (!isOpen) await recordEvent(client, modelName, event);
    return { end: async () => {} };
  }
  const isAway = reached !== undefined && LEFT.includes(reached.kind) && reached.to !== version;
  const why = "callers are back at the version in production";
  const event = { kind: "return", to: version, modelSha256, why, ...fromOf(reached, version) } as const;
  return { end: async () => (isAway ? recordEvent(client, modelName, event) : undefined) };
}

/** After these, callers may reach another version than the one in production. */
const LEFT: readonly HistoryEvent["kind"][] = ["attempt", "failure"];

const fromOf = (event: HistoryEvent | undefined, version: string): { readonly from?: string } =>
  event?.to === undefined || event.to === version ? {} : { from: event.to };
