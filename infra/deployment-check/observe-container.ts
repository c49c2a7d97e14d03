import { readFileSync } from "node:fs";
import { docker } from "../targets/docker/docker-cli.ts";
import type { ExpectedContainer, InsideContainer, ObservedContainer } from "./container-proofs.ts";

const LOOK_INSIDE = new URL("./look-inside.cjs", import.meta.url);
const LOG_LINES = 15;

/** Observes a container through the engine and through a process in it. Never throws: returns the reason as a string if it cannot be observed. */
export async function observeContainer({ id, image, host }: ExpectedContainer): Promise<ObservedContainer | string> {
  const call = { host };
  try {
    const runs = await docker(["container", "inspect", "--format", "{{.Image}}", id], call);
    const expected = await docker(["image", "inspect", "--format", "{{.Id}}", image], call);
    const script = readFileSync(LOOK_INSIDE, "utf8");
    const inside = await docker(["exec", "--interactive", id, "node", "-"], { ...call, input: script });
    return { runs: runs.trim(), expected: expected.trim(), inside: JSON.parse(inside) as InsideContainer };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Returns the last lines of its log, for the error of a failed check. */
export async function containerLog({ id, host }: ExpectedContainer): Promise<string> {
  const lines = await docker(["logs", "--tail", String(LOG_LINES), id], { host, both: true }).catch(
    (error: Error) => error.message,
  );
  return lines.trim() || "(nothing)";
}
