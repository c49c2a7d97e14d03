import { askFresh, servedAt } from "../fresh-request.ts";
import type { DeploymentCheckInputs } from "./verify.ts";

/**
 * Describes what callers reach after a failed check, in one sentence without a full stop. Does not throw, and does not repeat why the service did
 * not answer: the failed proofs say so.
 */
export async function callersReach({
  url,
  callersUrl,
}: Pick<DeploymentCheckInputs, "url" | "callersUrl">): Promise<string> {
  if (callersUrl !== undefined) return `As before, ${await servedAt(callersUrl)}`;
  const answers = await askFresh(`${url}/health`).then(
    () => true,
    () => false,
  );
  return answers ? "Callers reach what failed" : "What callers reach is unknown, because this machine got no answer";
}
