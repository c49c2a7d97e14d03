import { spawn } from "node:child_process";

export interface ProgramResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program on this machine and collects its output.
 * @param input written to its standard input
 * @throws if the program cannot be started, such as ENOENT; a nonzero exit code is not an error
 */
export function runProgram(program: string, args: readonly string[], input = ""): Promise<ProgramResult> {
  const child = spawn(program, args, { stdio: "pipe" });
  const output = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text) => {
    output.stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text) => {
    output.stderr += text;
  });
  // If a program exits before it has read its input, its exit code explains why.
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  return new Promise((done, fail) => {
    child.on("error", fail).on("close", (code) => done({ code, ...output }));
  });
}
