import { iconOn, TOKENS } from "./tokens.ts";

/** Environments with a colour of their own. */
export type EnvironmentKind = "staging" | "production" | "other";

/** Returns the environment of a stage. @param stage in the registry, such as `Staging`, or `None` */
export function environmentOf(stage: string): EnvironmentKind {
  const name = stage.toLowerCase();
  return name === "staging" || name === "production" ? name : "other";
}

/** Returns an icon in the environment's colour, to distinguish open tabs. */
export const iconOf = (kind: EnvironmentKind): string => iconOn(TOKENS.light[kind === "other" ? "soft" : kind]);

const TIMEOUT_MS = 2_000;

/** Requests the health of the other environment's service. Returns a message if it does not respond. */
export async function otherHealth(url: string): Promise<unknown> {
  try {
    const response = await fetch(`${url.replace(/(?<!\/)\/+$/, "")}/health`, {
      signal: AbortSignal.timeout(TIMEOUT_MS),
      redirect: "error",
    });
    const answer: unknown = await response.json();
    const { stage, version, model } = answer as { stage?: unknown; version?: unknown; model?: unknown };
    return { stage: String(stage), version: String(version), model: String(model) };
  } catch {
    return { detail: "does not respond" };
  }
}
