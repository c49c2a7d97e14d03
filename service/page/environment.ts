import { TOKENS } from "./tokens.ts";

/** Environments with a colour of their own. */
export type EnvironmentKind = "staging" | "production" | "other";

/** Returns the environment of a stage. @param stage in the registry, such as `Staging`, or `None` */
export function environmentOf(stage: string): EnvironmentKind {
  const name = stage.toLowerCase();
  return name === "staging" || name === "production" ? name : "other";
}

/** Returns an icon in the environment's colour, as a data URL, to distinguish open tabs. */
export function iconOf(kind: EnvironmentKind): string {
  const { soft, paper, ...colours } = TOKENS.light;
  const ground = kind === "other" ? soft : colours[kind];
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="${ground}"/><path d="M8 17l8-8 8 8M8 25l8-8 8 8" fill="none" stroke="${paper}" stroke-width="3.5" stroke-linecap="round" stroke-linejoin="round"/></svg>`;
  return `data:image/svg+xml;base64,${Buffer.from(svg).toString("base64")}`;
}

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
