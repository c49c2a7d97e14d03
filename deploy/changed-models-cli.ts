// Prints the matrix of the models to deploy: npm run --silent changed-models -- --since <commit> | --model <name>
import { execFile } from "node:child_process";
import { parseArgs, promisify } from "node:util";
import { matrixOf } from "./changed-models.ts";
import { reportFailure } from "./terminal.ts";

const USAGE = `usage: npm run --silent changed-models -- [--since <commit>] [--model <name>] [--cwd <folder>]
  prints models=<JSON list of { model, stack }>, as GitHub Actions expects it in GITHUB_OUTPUT
  --since <commit>   the models that changed between this commit and HEAD; all of them if the clone does not have the commit
  --model <name>     without --since, or if it is empty: this one, if it has a staging stack; empty means the sample
  --cwd <folder>     the project's folder, if not the current one`;

const OPTIONS = {
  since: { type: "string", default: "" },
  model: { type: "string", default: "" },
  cwd: { type: "string", default: "." },
  help: { type: "boolean", default: false },
} as const;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: OPTIONS });
  if (values.help) return console.log(USAGE);
  const { since, model, cwd } = values;
  const selection = since === "" ? { model } : { files: await changedSince(since, cwd) };
  console.log(`models=${JSON.stringify(await matrixOf(selection, cwd))}`);
}

/** Returns undefined if git does not know the commit, as after a forced push or for a new branch. */
async function changedSince(commit: string, cwd: string): Promise<string[] | undefined> {
  const git = (...args: string[]) => promisify(execFile)("git", args, { cwd, maxBuffer: 2 ** 28 });
  try {
    await git("rev-parse", "--verify", "--quiet", "--end-of-options", `${commit}^{commit}`);
  } catch {
    console.error(`changed-models: this clone has no commit ${commit}, so all models are treated as changed`);
    return undefined;
  }
  // Without rename detection, a moved file is listed at its former path, too.
  const { stdout } = await git("diff", "--name-only", "--no-renames", "--relative", "-z", commit, "HEAD", "--");
  return stdout.split("\0").filter((path) => path !== "");
}

main().catch(reportFailure("changed-models"));
