/**
 * Runs the program with the SDK's runner.
 * @module
 */
import type { ChildProcess, SpawnOptions } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { messageOf, UserError } from "../failure.ts";
import { eachLine } from "./lines.ts";
import { childEnvironment, couldNotStart, spawnNode } from "./spawn-node.ts";

export interface ProgramRequest {
  readonly pwd: string;
  readonly entry: string;
  readonly root: string;
  readonly project: string;
  readonly stack: string;
  readonly preview: boolean;
  readonly parallel: number;
  readonly address: string;
  /** From `namespace:name` to text. */
  readonly config: Readonly<Record<string, string>>;
  readonly secretKeys: readonly string[];
  readonly runtimeOptions: Readonly<Record<string, unknown>>;
}

export interface ProgramOutput {
  readonly stdout: (line: string) => void;
  readonly stderr: (line: string) => void;
}

/** The program's end. `explained`: whether it has already reported the reason. */
export interface ProgramEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly explained: boolean;
  /** Set if it could not be started: the reason. */
  readonly notStarted?: string;
}

/** Exit code of a program that has already reported its error. */
const EXPLAINED = 32;

export interface RunningProgram {
  /** Never rejects. */
  readonly ended: Promise<ProgramEnd>;
  /** Stops it: SIGTERM first, then SIGKILL. */
  stop(): Promise<void>;
}

function locateSdk(pwd: string, module: string): string {
  const require = createRequire(join(pwd, "package.json"));
  try {
    return require.resolve(module);
  } catch (error) {
    throw new UserError(
      `@pulumi/pulumi is not installed in ${pwd} or above it: run \`npm install\` there, or \`npm install @pulumi/pulumi\``,
      { cause: error },
    );
  }
}

const preload = (file: string) => `--require=${join(import.meta.dirname, file)}`;
export const NODE_ARGUMENTS: readonly string[] = [
  // A child must not outlive a killed engine.
  preload("exit-with-parent.cjs"),
  // The SDK sets this flag while it loads, and V8 uses the compile cache only for code compiled with the same flags.
  "--allow-natives-syntax",
  // Loading produces a lot of garbage; enough initial space saves 5 % of an update without changes.
  "--min-semi-space-size=16",
];
/** A separate process group: Ctrl-C reaches only the engine, which lets operations in flight finish. */
const CHILD_OPTIONS: SpawnOptions = { detached: true, stdio: ["pipe", "pipe", "pipe"] };

export function startProgram(request: ProgramRequest, output: ProgramOutput): RunningProgram {
  const runner = locateSdk(request.pwd, "@pulumi/pulumi/cmd/run");
  const { nodeargs, typescript, tsconfig } = request.runtimeOptions;
  const args = [
    ...NODE_ARGUMENTS,
    preload("few-source-maps.cjs"),
    ...(typeof nodeargs === "string" ? nodeargs.split(/\s+/).filter((arg) => arg !== "") : []),
    runner,
    "--monitor",
    request.address,
    "--engine",
    request.address,
    "--organization",
    "organization",
    "--project",
    request.project,
    "--root-directory",
    request.root,
    "--stack",
    request.stack,
    "--pwd",
    request.pwd,
    ...(request.preview ? ["--dry-run"] : []),
    "--parallel",
    String(request.parallel),
    request.entry,
  ];
  // The runner reads keys in the old spelling, `namespace:config:name`.
  const config = Object.fromEntries(
    Object.entries(request.config).map(([key, value]) => [key.replace(":", ":config:"), value]),
  );
  const env = {
    ...childEnvironment(),
    PULUMI_CONFIG: JSON.stringify(config),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.secretKeys),
    ...(typescript === false ? {} : { PULUMI_NODEJS_TYPESCRIPT: "true" }),
    ...(typeof tsconfig === "string" ? { PULUMI_NODEJS_TSCONFIG_PATH: tsconfig } : {}),
  };
  const child = spawnNode("the program", args, { cwd: request.root, env, ...CHILD_OPTIONS });
  const flushed = Promise.all([
    child.stdout && eachLine(child.stdout, output.stdout),
    child.stderr && eachLine(child.stderr, output.stderr),
  ]);
  const ended = new Promise<ProgramEnd>((resolve) => {
    child.once("error", (error) =>
      resolve({
        code: null,
        signal: null,
        explained: false,
        notStarted: messageOf(couldNotStart("the program", error)),
      }),
    );
    child.once("exit", (code, signal) => {
      void flushed.then(() => resolve({ code, signal, explained: code === EXPLAINED }));
    });
  });
  return { ended, stop: () => stopChild(child) };
}

/** Time for the program to exit before it is killed. */
const GRACE_MS = 2_000;

export async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), GRACE_MS);
  await gone;
  clearTimeout(timer);
}
