import { type RunOptions, runPulumi } from "./pulumi-run.ts";

interface Update {
  readonly environment?: Readonly<Record<string, string>>;
}

/**
 * Refuses the embedded engine for a stack that the Pulumi CLI manages.
 * @throws Error if the CLI made the stack's last update
 */
export async function requireEmbeddedStack(stack: string, options: RunOptions): Promise<void> {
  if (options.engine !== "embedded") return;
  const args = ["stack", "history", "--json", "--page-size", "1", "--stack", stack];
  const { exitCode, output } = await runPulumi(args, { ...options, quiet: true });
  // Reading the outputs of this stack fails for the same reason, and says so.
  if (exitCode !== 0) return;
  // A warning may precede it.
  const [last] = JSON.parse(output.slice(output.search(/^\[/m))) as Update[];
  const version = cliOf(last);
  if (version !== undefined)
    throw new Error(
      `--engine embedded is not supported for stack ${stack}: the Pulumi CLI ${version} made its last update, and the embedded engine is for ` +
        `first tries, tests and closed networks. Omit the option: npm run rollback -- --stack ${stack} uses the CLI on PATH, else the npm package`,
    );
}

/** Version of the CLI that made an update; undefined for the embedded engine, which does not record the machine's architecture. */
const cliOf = ({ environment = {} }: Update = {}): string | undefined =>
  "pulumi.arch" in environment ? (environment["pulumi.version"] ?? "") : undefined;
