import { link, readFile, rm, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Does something that only one process of this machine may do at a time; the others wait. A lock whose holder has died is
 * taken over.
 * @param file the lock: it holds the process number of whoever works
 */
export async function withFileLock<Result>(file: string, work: () => Promise<Result>): Promise<Result> {
  const mine = `${file}.${process.pid}`;
  await writeFile(mine, String(process.pid));
  try {
    // A link appears whole or not at all, and never replaces another.
    while (!(await taken(mine, file))) {
      const holder = Number(await readFile(file, "utf8").catch(() => "0"));
      if (holder && !isRunning(holder)) await rm(file, { force: true });
      else await sleep(200);
    }
    try {
      return await work();
    } finally {
      await rm(file, { force: true });
    }
  } finally {
    await rm(mine, { force: true });
  }
}

const taken = (mine: string, file: string): Promise<boolean> =>
  link(mine, file).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === "EEXIST") return false;
      throw error;
    },
  );

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
