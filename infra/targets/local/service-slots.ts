import { join, resolve } from "node:path";
import { isAlive, type ProcessIdentity, readIdentity } from "./process-identity.ts";

/** Records of a service's two processes: the one that serves callers, and its successor. */
export interface ServicePlace {
  /** Name of the service, unique in its folder. */
  readonly processName: string;
  /** Folder for logs and identities, relative to the project's root. */
  readonly folder: string;
}

/** A service has two slots with at most one process each, so that no process is ever left over. */
export type Slot = "a" | "b";
export const SLOTS: readonly Slot[] = ["a", "b"];
export const otherSlot = (slot: Slot): Slot => (slot === "a" ? "b" : "a");

export const slotFile = ({ folder, processName }: ServicePlace, slot: Slot): string =>
  resolve(folder, `${processName}-${slot}.pid`);

/** Names the process that callers reach. */
export const callersFile = ({ folder, processName }: ServicePlace): string => resolve(folder, `${processName}.pid`);

/** Identity files of both slots, relative to the project's root. */
export const logFile = ({ folder, processName }: ServicePlace): string => join(folder, `${processName}.log`);

/** Returns the slot of the process that callers reach; undefined if it has exited, or there never was one. */
export async function slotOfCallers(place: ServicePlace): Promise<Slot | undefined> {
  const serving = await readIdentity(callersFile(place));
  return serving && slotOf(place, serving);
}

/** Returns the slot of a process; undefined if it has exited. */
export async function slotOf(place: ServicePlace, { pid, startTime }: ProcessIdentity): Promise<Slot | undefined> {
  for (const slot of SLOTS) {
    const found = await readIdentity(slotFile(place, slot));
    if (found?.pid === pid && found.startTime === startTime) return (await isAlive(found)) ? slot : undefined;
  }
  return undefined;
}

/** Whether a process runs in the slot. */
export async function isTaken(place: ServicePlace, slot: Slot): Promise<boolean> {
  const found = await readIdentity(slotFile(place, slot));
  return found !== undefined && (await isAlive(found));
}
