import { join, resolve } from "node:path";
import { isAlive, type ProcessIdentity, readIdentity } from "./process-identity.ts";

/** Location of a service's files. */
export interface ServiceFiles {
  /** Name of the service, unique in its folder. */
  readonly processName: string;
  /** Folder for logs and identities, relative to the project's root. */
  readonly folder: string;
}

/** A service has two slots with at most one process each, for the one that serves callers and its successor, so that no process is left over. */
export type Slot = "a" | "b";
export const SLOTS: readonly Slot[] = ["a", "b"];
export const otherSlot = (slot: Slot): Slot => (slot === "a" ? "b" : "a");

export const slotFile = ({ folder, processName }: ServiceFiles, slot: Slot): string =>
  resolve(folder, `${processName}-${slot}.pid`);

/** File with the identity of the process that callers reach. */
export const callersFile = ({ folder, processName }: ServiceFiles): string => resolve(folder, `${processName}.pid`);

/** Log file of both slots, relative to the project's root. */
export const logFile = ({ folder, processName }: ServiceFiles): string => join(folder, `${processName}.log`);

/** Returns the slot of the process that callers reach; undefined if it has exited, or there never was one. */
export async function slotOfCallers(files: ServiceFiles): Promise<Slot | undefined> {
  const serving = await readIdentity(callersFile(files));
  return serving && slotOf(files, serving);
}

/** Returns the slot of a process; undefined if it has exited. */
export async function slotOf(files: ServiceFiles, { pid, startTime }: ProcessIdentity): Promise<Slot | undefined> {
  for (const slot of SLOTS) {
    const found = await readIdentity(slotFile(files, slot));
    if (found?.pid === pid && found.startTime === startTime) return (await isAlive(found)) ? slot : undefined;
  }
  return undefined;
}

/** Whether a process runs in the slot. */
export async function isTaken(files: ServiceFiles, slot: Slot): Promise<boolean> {
  const found = await readIdentity(slotFile(files, slot));
  return found !== undefined && (await isAlive(found));
}
