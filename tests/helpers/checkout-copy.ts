import { execFile } from "node:child_process";
import { cp, mkdir, readdir, symlink } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { stopDetached } from "../../infra/targets/local/detached-process.ts";
import { TEST_VENV } from "./python.ts";

/**
 * Copies the files that git would clone, with uncommitted changes and without tests, and links the installed packages.
 * Do not run `npm ci` there: it would empty this project's node_modules through the link.
 */
export async function copyCheckout(folder: string): Promise<void> {
  const { stdout } = await promisify(execFile)("git", ["ls-files", "-co", "--exclude-standard", "-z"], {
    maxBuffer: 1e8,
  });
  for (const file of stdout.split("\0").filter((name) => name !== "" && !name.startsWith("tests/"))) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await cp(file, join(folder, file));
  }
  await symlink(resolve("node_modules"), join(folder, "node_modules"));
  await symlink(resolve(TEST_VENV), join(folder, ".venv"));
}

/** Stops every process that target local started in the folder, the registry last. */
export async function stopLocalProcesses(folder: string): Promise<void> {
  const processes = join(folder, ".local/processes");
  const files = (await readdir(processes).catch(() => [])).filter((file) => file.endsWith(".pid"));
  for (const file of files.sort((a, b) => Number(/mlflow/.test(a)) - Number(/mlflow/.test(b))))
    await stopDetached(join(processes, file));
}
