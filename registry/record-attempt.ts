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
  const isOpen = reached?.kind === "attempt" && reached.to === version;
  if (served?.to !== version) {
    if (isOpen) return { end: async () => {} };
    const why = "an update began to lead callers to this version";
    await recordEvent(client, modelName, {
      kind: "attempt",
      to: version,
      modelSha256,
      why,
      ...fromOf(served, version),
    });
    return { end: async () => {} };
  }
  const left = reached && LEFT.includes(reached.kind) ? reached : undefined;
  const end = async () => {
    if (left === undefined || left.to === version) return;
    const why = "callers are back at the version in production";
    await recordEvent(client, modelName, { kind: "return", to: version, modelSha256, why, ...fromOf(left, version) });
  };
  return { end };
}

/** After these, callers may reach another version than the one in production. */
const LEFT: readonly HistoryEvent["kind"][] = ["attempt", "failure"];

const fromOf = (event: HistoryEvent | undefined, version: string): { readonly from?: string } =>
  event?.to === undefined || event.to === version ? {} : { from: event.to };
