import { hostname, userInfo } from "node:os";

/** Who runs this, for the history: the user who started the CI job, else user and machine. */
export function whoAmI(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const actor = env.GITHUB_ACTOR ?? env.GITLAB_USER_LOGIN ?? env.BUILD_REQUESTEDFOREMAIL;
  if (actor) return actor;
  return `${userName(env)}@${hostname()}`;
}

/** A container may run under a number that has no name. */
function userName(env: Readonly<Record<string, string | undefined>>): string {
  try {
    return userInfo().username;
  } catch {
    return env.USER ?? "unknown";
  }
}
