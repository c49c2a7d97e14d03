import { readFile } from "node:fs/promises";
import { markOf } from "./summary.ts";

interface Comment {
  readonly id: number;
  readonly body: string;
}

/**
 * Writes a stack's text as a comment on the pull request of this GitHub Actions run, replacing the stack's previous comment.
 * @param env GITHUB_TOKEN, GITHUB_REPOSITORY, GITHUB_EVENT_PATH, GITHUB_API_URL, as GitHub sets them
 * @returns the comment's URL; undefined if this run is not for a pull request
 * @throws Error with GitHub's response if it rejects the request
 */
export async function commentOnPullRequest(
  stack: string,
  text: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<string | undefined> {
  const { GITHUB_TOKEN: token, GITHUB_REPOSITORY: repository, GITHUB_EVENT_PATH: event } = env;
  if (!token || !repository || !event) return undefined;
  const { pull_request: pull } = JSON.parse(await readFile(event, "utf8")) as { pull_request?: { number: number } };
  if (!pull) return undefined;
  const issues = `${env.GITHUB_API_URL ?? "https://api.github.com"}/repos/${repository}/issues`;
  const call = async <Answer>(method: string, url: string, body?: object): Promise<Answer> => {
    const response = await fetch(url, {
      method,
      headers: { authorization: `Bearer ${token}`, accept: "application/vnd.github+json" },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(30_000),
    });
    if (response.ok) return (await response.json()) as Answer;
    throw new Error(
      `GitHub refused ${method} ${url}: HTTP ${response.status} ${(await response.text()).slice(0, 300)}`,
    );
  };
  const mark = markOf(stack);
  const body = `${mark}\n${text}`;
  const comments = await call<Comment[]>("GET", `${issues}/${pull.number}/comments?per_page=100`);
  const ours = comments.find((comment) => comment.body.startsWith(`${mark}\n`));
  const written = ours
    ? await call<{ html_url: string }>("PATCH", `${issues}/comments/${ours.id}`, { body })
    : await call<{ html_url: string }>("POST", `${issues}/${pull.number}/comments`, { body });
  return written.html_url;
}
