// @ts-check
import { link, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Runs work that only one process on this machine may do at a time; others wait. If a lock's holder has died, the lock is
 * taken over.
 * @template Result
 * @param {string} file the lock, which contains the process id of its holder
 * @param {() => Promise<Result>} work
 * @returns {Promise<Result>}
 */
export async function withFileLock(file, work) {
  const mine = `${file}.${process.pid}`;
  await writeFile(mine, String(process.pid));
  try {
    // Creating a link is atomic and never replaces an existing file.
    while (!(await taken(mine, file))) {
      const holder = Number(await readFile(file, "utf8").catch(() => "0"));
      if (holder && !isRunning(holder)) await rm(file, { force: true });
      else await sleep(200);
    }
    try {
      await removeStale(file);
      return await work();
    } finally {
      await rm(file, { force: true });
    }
  } finally {
    await rm(mine, { force: true });
  }
}

/**
 * Removes files of processes that were killed while they waited or worked.
 * @type {(file: string) => Promise<void>}
 */
async function removeStale(file) {
  for (const name of await readdir(dirname(file))) {
    const pid = name.startsWith(`${basename(file)}.`) ? name.slice(basename(file).length + 1) : "";
    if (/^\d+$/.test(pid) && !isRunning(Number(pid))) await rm(join(dirname(file), name), { force: true });
  }
}

/** @type {(mine: string, file: string) => Promise<boolean>} */
const taken = (mine, file) =>
  link(mine, file).then(
    () => true,
    (error) => {
      if (error.code === "EEXIST") return false;
      throw error;
    },
  );

/** @type {(pid: number) => boolean} */
function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === "EPERM";
  }
}
