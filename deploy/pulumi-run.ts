import { spawn } from "node:child_process";

export interface PulumiRun {
  readonly exitCode: number;
  /** Both streams, as they came. */
  readonly output: string;
}

/** Runs the Pulumi CLI that PATH names, shows what it prints, and answers it. */
export async function runPulumi(args: readonly string[]): Promise<PulumiRun> {
  const child = spawn("pulumi", args, { stdio: ["inherit", "pipe", "pipe"], env: { ...process.env, NO_COLOR: "1" } });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      process.stdout.write(text);
    });
  const exitCode = await new Promise<number>((done, fail) => {
    child
      .on("close", (code) => done(code ?? 1))
      .on("error", (cause) => {
        fail(
          new Error(`pulumi cannot be started: ${cause.message}. Install it: https://www.pulumi.com/docs/install`, {
            cause,
          }),
        );
      });
  });
  return { exitCode, output };
}
