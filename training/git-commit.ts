import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/**
 * Returns the commit of a folder's repository, with the suffix `-dirty` if tracked files are modified; "unknown" if the
 * folder is not in a repository, there is no commit yet, or git is not installed.
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
