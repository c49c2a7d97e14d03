// Prints the image that a stack's last update pushed: npm run --silent pushed-image -- --stack <name>
import { parseArgs } from "node:util";
import { engineNamed, runPulumi } from "./pulumi-run.ts";
import { pushedImage } from "./pushed-image.ts";
import { reportFailure } from "./terminal.ts";

const USAGE = `usage: npm run --silent pushed-image -- --stack <name> [--engine <name>] [--cwd <folder>]
  prints registry=, name= and digest= of the image in the stack's state, as GitHub Actions expects them in GITHUB_OUTPUT;
  prints nothing if the stack has pushed no image`;

const OPTIONS = {
  stack: { type: "string", short: "s" },
  engine: { type: "string", default: "pulumi" },
  cwd: { type: "string" },
  help: { type: "boolean", default: false },
} as const;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: OPTIONS });
  if (values.help) return console.log(USAGE);
  const { stack, cwd } = values;
  if (!stack) throw new Error(`no stack given\n${USAGE}`);
  const run = { engine: engineNamed(values.engine), cwd, quiet: true };
  const { exitCode, output } = await runPulumi(["stack", "export", "--stack", stack], run);
  if (exitCode !== 0) throw new Error(`the state of stack ${stack} cannot be read:\n${output.trim()}`);
  // A warning may precede it.
  const image = pushedImage(JSON.parse(output.slice(output.indexOf("{"))));
  if (image === undefined) return console.error(`pushed-image: stack ${stack} has pushed no image`);
  console.log(`registry=${image.registry}\nname=${image.name}\ndigest=${image.digest}`);
}

main().catch(reportFailure("pushed-image"));
