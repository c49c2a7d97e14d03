// Previews or updates a stack, in CI or on a laptop: npx node deploy/deploy.ts preview|up <stack> [--yes] [--policy-pack <folder>] [--engine <name>] [--cwd <folder>]
// Reads MODEL_VERSION, the version that a production stack promotes. In GitHub Actions, writes the job's summary and, for a preview, a comment on the
// pull request. Exits with Pulumi's exit code.
import { appendFile } from "node:fs/promises";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { commentOnPullRequest } from "./pull-request-comment.ts";
import { engineNamed, type RunOptions, runPulumi } from "./pulumi-run.ts";
import { describeStack, readStackFile } from "./stack-file.ts";
import { summaryOf } from "./summary.ts";
import { agreed, openTerminal } from "./terminal.ts";
import { configFor } from "./version-to-promote.ts";

const USAGE = `usage: npx node deploy/deploy.ts preview|up <stack> [--yes] [--policy-pack <folder>] [--engine <name>] [--cwd <folder>]
  preview            shows what an update would change
  up                 updates the stack; on a terminal, after a preview and a confirmation; elsewhere, requires --yes
  --policy-pack      folder of a policy pack to enforce, such as policy (Pulumi CLI only)
  --engine           pulumi (the CLI on PATH, else the npm package) or embedded
  MODEL_VERSION      the version to promote, for a production stack only; so are OVERRIDE_REASON, OVERRIDE_WHO and OVERRIDE_EXPIRES`;

const OPTIONS = {
  yes: { type: "boolean", short: "y", default: false },
  engine: { type: "string", default: "pulumi" },
  "policy-pack": { type: "string" },
  cwd: { type: "string" },
  help: { type: "boolean", default: false },
} as const;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ options: OPTIONS, allowPositionals: true });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const [command, stack, ...more] = positionals;
  if ((command !== "preview" && command !== "up") || !stack || more.length > 0) throw new Error(USAGE);
  const stackFile = await readStackFile(stack, values.cwd);
  const config = configFor(stackFile, process.env);
  const run: RunOptions = { engine: engineNamed(values.engine), cwd: values.cwd };
  const set = config.flatMap((setting) => ["--config", setting]);
  const pack = values["policy-pack"];
  const args = ["--stack", stack, "--non-interactive", ...(set.length > 0 ? [...set, "--config-path"] : [])];
  // The engine may run in a different folder from this command.
  if (pack !== undefined) args.push("--policy-pack", resolve(pack));
  console.log(
    `${command} of stack ${stack}: ${describeStack(stackFile)}${config.map((setting) => `, ${setting}`).join("")}`,
  );
  const preview = () => runPulumi(["preview", "--diff", ...args], run);

  if (command === "preview") {
    const ran = await preview();
    const text = summaryOf({ command, stack, ...ran });
    await addToSummary(text);
    const comment = await commentOnPullRequest(stack, text);
    if (comment) console.log(`comment: ${comment}`);
    return ran.exitCode;
  }
  const terminal = openTerminal();
  if (terminal && !values.yes) {
    const { exitCode } = await preview();
    if (exitCode !== 0) return exitCode;
  }
  if (!(await agreed(terminal, values.yes))) {
    console.log("Nothing was changed.");
    return 0;
  }
  const ran = await runPulumi(["up", "--yes", "--skip-preview", ...args], run);
  await addToSummary(summaryOf({ command, stack, ...ran }));
  return ran.exitCode;
}

async function addToSummary(text: string): Promise<void> {
  if (process.env.GITHUB_STEP_SUMMARY) await appendFile(process.env.GITHUB_STEP_SUMMARY, text);
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  },
);
