import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

/** A process, distinguishable from a later one with the same id. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Start time in the system's format: clock ticks since boot on Linux, a date elsewhere. */
  readonly startTime: string;
}

/**
 * A shell program that writes its own identity to the file "$0" and then becomes the command "$@". The process can
 * be found later, even if the process that started it dies at that moment. The start time survives exec.
 */
export const RECORD_AND_EXEC = [
  'if [ -r "/proc/$$/stat" ]; then started=$(cut -d " " -f 22 "/proc/$$/stat"); else started=$(ps -o lstart= -p $$); fi',
  'printf "%s %s\\n" "$$" "$started" > "$0.new" && mv "$0.new" "$0" && exec "$@"',
].join("\n");

/** Reads the output of RECORD_AND_EXEC; undefined if there is none. */
export async function readIdentity(file: string): Promise<ProcessIdentity | undefined> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  const [, pid, startTime] = /^(\d+) (.+)$/m.exec(text) ?? [];
  return pid && startTime ? { pid: Number(pid), startTime: startTime.trim() } : undefined;
}

/** Formats a process for a resource's outputs; see parseInstance. */
export const instanceOf = ({ pid, startTime }: ProcessIdentity): string => `${pid}@${startTime}`;

/** Parses the output of instanceOf; undefined for any other text. */
export function parseInstance(instance: string): ProcessIdentity | undefined {
  const [, pid, startTime] = /^(\d+)@(.+)$/.exec(instance) ?? [];
  return pid && startTime ? { pid: Number(pid), startTime } : undefined;
}

/** Whether exactly this process still runs. */
export async function isAlive({ pid, startTime }: ProcessIdentity): Promise<boolean> {
  return (await startTimeOf(pid)) === startTime;
}

async function startTimeOf(pid: number): Promise<string | undefined> {
  if (process.platform === "linux") {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
    // The name in parentheses may contain spaces. A zombie (Z) has exited and waits for its parent, unless some of its threads are
    // still exiting: its sockets stay open until the last one is gone.
    const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [state, threads, startTime] = [fields?.[0], Number(fields?.[17]), fields?.[19]];
    return state === "Z" && threads <= 1 ? undefined : startTime;
  }
  const { stdout } = await promisify(execFile)("ps", ["-o", "lstart=", "-p", String(pid)]).catch(() => ({
    stdout: "",
  }));
  return stdout.trim() || undefined;
}
