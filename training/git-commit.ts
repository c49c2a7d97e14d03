import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/**
 * The commit that a folder's repository is on, with `-dirty` after it when tracked files differ from it; "unknown" when the
 * folder is in no repository, there is no commit yet, or git is not installed.
 */
export async function gitCommit(folder: string): Promise<string> {
  const git = async (...args: string[]) => (await run("git", args, { cwd: folder })).stdout.trim();
  try {
    const commit = await git("rev-parse", "HEAD");
    const changes = await git("status", "--porcelain", "--untracked-files=no");
    return changes === "" ? commit : `${commit}-dirty`;
  } catch {
    return "unknown";
  }
}
