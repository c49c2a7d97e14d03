import { execFile } from "node:child_process";
import { hostname, userInfo } from "node:os";
import { promisify } from "node:util";

/** Returns who runs this, for the history: the user who started the CI job, or else user and machine. */
export function whoAmI(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const actor = env.GITHUB_ACTOR ?? env.GITLAB_USER_LOGIN ?? env.BUILD_REQUESTEDFOREMAIL;
  if (actor) return actor;
  return `${userName(env)}@${hostname()}`;
}

/** Returns the user's name. In a container, the user id may have no name. */
function userName(env: Readonly<Record<string, string | undefined>>): string {
  try {
    return userInfo().username;
  } catch {
    return env.USER ?? "unknown";
  }
}

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
