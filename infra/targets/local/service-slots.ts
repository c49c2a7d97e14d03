import { join, resolve } from "node:path";
import { isAlive, type ProcessIdentity, readIdentity } from "./process-identity.ts";

/** Where the two processes of a service are noted: the one that serves callers, and the one that is to take over from it. */
export interface ServicePlace {
  /** Name of the service, unique in its folder. */
  readonly processName: string;
  /** Folder for logs and identities, relative to the project's root. */
  readonly folder: string;
}

/** A service has two slots; each holds one process at most, so that none is ever left over. */
export type Slot = "a" | "b";
export const SLOTS: readonly Slot[] = ["a", "b"];
export const otherSlot = (slot: Slot): Slot => (slot === "a" ? "b" : "a");

export const slotFile = ({ folder, processName }: ServicePlace, slot: Slot): string =>
  resolve(folder, `${processName}-${slot}.pid`);

/** Names the process that callers have been moved to. */
export const callersFile = ({ folder, processName }: ServicePlace): string => resolve(folder, `${processName}.pid`);

/** Of both slots' processes, relative to the project's root. */
export const logFile = ({ folder, processName }: ServicePlace): string => join(folder, `${processName}.log`);

/** The slot of the process that callers have been moved to; undefined when that has ended, or there never was one. */
export async function slotOfCallers(place: ServicePlace): Promise<Slot | undefined> {
  const serving = await readIdentity(callersFile(place));
  return serving && slotOf(place, serving);
}

/** The slot that holds a process; undefined when it has ended. */
export async function slotOf(place: ServicePlace, { pid, startTime }: ProcessIdentity): Promise<Slot | undefined> {
  for (const slot of SLOTS) {
    const found = await readIdentity(slotFile(place, slot));
    if (found?.pid === pid && found.startTime === startTime) return (await isAlive(found)) ? slot : undefined;
  }
  return undefined;
}

/** True when a process runs in the slot. */
export async function isTaken(place: ServicePlace, slot: Slot): Promise<boolean> {
  const found = await readIdentity(slotFile(place, slot));
  return found !== undefined && (await isAlive(found));
}
