const ANSWER_MS = 2_000;

/** Asks the other environment's service for its health; reports it as data if it does not respond. */
export async function otherHealth(url: string): Promise<unknown> {
  try {
    const response = await fetch(`${url.replace(/(?<!\/)\/+$/, "")}/health`, {
      signal: AbortSignal.timeout(ANSWER_MS),
      redirect: "error",
    });
    const answer: unknown = await response.json();
    const { stage, version, model } = answer as { stage?: unknown; version?: unknown; model?: unknown };
    return { stage: String(stage), version: String(version), model: String(model) };
  } catch {
    return { detail: "does not respond" };
  }
}
