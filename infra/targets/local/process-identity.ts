import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

/** A process, told apart from a later one that got the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Start time as the system tells it: clock ticks since boot on Linux, a date elsewhere. */
  readonly startTime: string;
}

/**
 * A shell program that writes its own identity to the file "$0" and then becomes the command "$@": whoever starts a process
 * by it can find the process even if he died in the same moment. A start time outlives exec.
 */
export const RECORD_AND_EXEC = [
  'if [ -r "/proc/$$/stat" ]; then started=$(cut -d " " -f 22 "/proc/$$/stat"); else started=$(ps -o lstart= -p $$); fi',
  'printf "%s %s\\n" "$$" "$started" > "$0.new" && mv "$0.new" "$0" && exec "$@"',
].join("\n");

/** Reads what RECORD_AND_EXEC wrote; undefined when there is nothing. */
export async function readIdentity(file: string): Promise<ProcessIdentity | undefined> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  const [, pid, startTime] = /^(\d+) (.+)$/m.exec(text) ?? [];
  return pid && startTime ? { pid: Number(pid), startTime: startTime.trim() } : undefined;
}

/** One text for a process, for a resource's outputs: see parseInstance. */
export const instanceOf = ({ pid, startTime }: ProcessIdentity): string => `${pid}@${startTime}`;

/** Undefined for a text that instanceOf has not made. */
export function parseInstance(instance: string): ProcessIdentity | undefined {
  const [, pid, startTime] = /^(\d+)@(.+)$/.exec(instance) ?? [];
  return pid && startTime ? { pid: Number(pid), startTime } : undefined;
}

/** True while that very process runs. */
export async function isAlive({ pid, startTime }: ProcessIdentity): Promise<boolean> {
  return (await startTimeOf(pid)) === startTime;
}

async function startTimeOf(pid: number): Promise<string | undefined> {
  if (process.platform === "linux") {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
    // The name in brackets may hold spaces. A zombie (Z) has ended and waits for its parent, unless some of its threads are
    // still on their way out: until the last of them is gone its sockets are open.
    const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [state, threads, startTime] = [fields?.[0], Number(fields?.[17]), fields?.[19]];
    return state === "Z" && threads <= 1 ? undefined : startTime;
  }
  const { stdout } = await promisify(execFile)("ps", ["-o", "lstart=", "-p", String(pid)]).catch(() => ({
    stdout: "",
  }));
  return stdout.trim() || undefined;
}
