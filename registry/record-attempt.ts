import { lastMove, lastReached, recordEvent } from "./history.ts";
import type { HistoryEvent } from "./history-event.ts";
import type { MlflowClient } from "./mlflow-client.ts";

interface Move {
  readonly modelName: string;
  readonly version: string;
  readonly modelSha256: string;
}

/**
 * Records in the history that an update is about to route production's callers to another version. It is recorded beforehand, because an
 * interrupted update cannot do so afterwards. If the update routes callers back to the version in production, only `end` records that.
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
  const wasElsewhere = reached !== undefined && DIVERTING.includes(reached.kind) && reached.to !== version;
  const why = "callers are back at the version in production";
  const event = { kind: "return", to: version, modelSha256, why, ...fromOf(reached, version) } as const;
  return { end: async () => (wasElsewhere ? recordEvent(client, modelName, event) : undefined) };
}

/** Events after which callers may reach a version other than the one in production. */
const DIVERTING: readonly HistoryEvent["kind"][] = ["attempt", "failure"];

const fromOf = (event: HistoryEvent | undefined, version: string): { readonly from?: string } =>
  event?.to === undefined || event.to === version ? {} : { from: event.to };
