// What CI does, on a laptop too: node deploy/deploy.ts preview|up staging|production
// Reads MODEL_VERSION (production: the version to promote); in GitHub Actions writes the job's summary and, of a preview, a comment
// on the pull request. Ends with Pulumi's own exit code.
import { appendFile } from "node:fs/promises";
import { commentOnPullRequest } from "./pull-request-comment.ts";
import { runPulumi } from "./pulumi-run.ts";
import { summaryOf } from "./summary.ts";
import { configFor } from "./version-to-promote.ts";

const [command, stack] = process.argv.slice(2);

try {
  if ((command !== "preview" && command !== "up") || (stack !== "staging" && stack !== "production"))
    throw new Error("usage: node deploy/deploy.ts preview|up staging|production");
  const config = configFor(stack, process.env).flatMap((setting) => ["--config", setting]);
  const args = command === "up" ? ["up", "--yes", "--skip-preview"] : ["preview", "--diff"];
  const run = await runPulumi([
    ...[...args, "--stack", stack, "--non-interactive"],
    ...(config.length > 0 ? [...config, "--config-path"] : []),
  ]);
  const text = summaryOf({ command, stack, ...run });
  if (process.env.GITHUB_STEP_SUMMARY) await appendFile(process.env.GITHUB_STEP_SUMMARY, text);
  process.exitCode = run.exitCode;
  const comment = command === "preview" ? await commentOnPullRequest(text) : undefined;
  if (comment) console.log(`comment: ${comment}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
