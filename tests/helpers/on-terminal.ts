import { spawn } from "node:child_process";
import type { Ran } from "./project.ts";

/** Python can run a program in a pseudo-terminal; Node cannot. */
const PTY = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))";

export interface Dialogue {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** Answers, each typed when its question appears, in this order. */
  readonly answers?: readonly (readonly [question: string, answer: string])[];
}

/** Runs a program in a pseudo-terminal. */
export async function onTerminal(command: readonly string[], { env, cwd, answers = [] }: Dialogue): Promise<Ran> {
  const child = spawn("python3", ["-c", PTY, ...command], {
    env: { ...process.env, ...env },
    stdio: ["pipe", "pipe", "inherit"],
    ...(cwd !== undefined && { cwd }),
  });
  const waiting = [...answers];
  let output = "";
  let answered = 0;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    const [next] = waiting;
    if (!next || !output.slice(answered).includes(next[0])) return;
    answered = output.length;
    child.stdin.write(`${next[1]}\n`);
    waiting.shift();
  });
  const exitCode = await new Promise<number>((done, fail) => {
    child.once("error", fail).once("close", (code) => done(code ?? -1));
  });
  return { exitCode, output: output.replaceAll("\r\n", "\n") };
}
