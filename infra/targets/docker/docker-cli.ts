import { spawn } from "node:child_process";

export interface DockerCall {
  /** Docker engine; without it the one that DOCKER_HOST or the machine names. */
  readonly host?: string | undefined;
  /** Written to the command's standard input. */
  readonly input?: string;
  /** Answer what it said on its error stream, too. */
  readonly both?: boolean;
}

/**
 * Runs the docker client and answers what it printed.
 * @throws Error with the command, its exit code and what it said
 */
export async function docker(args: readonly string[], { host, input, both }: DockerCall = {}): Promise<string> {
  const child = spawn("docker", [...(host ? ["--host", host] : []), ...args], { stdio: "pipe" });
  const said = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (text) => {
    said.out += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text) => {
    said.err += text;
  });
  // A command that ends before it has read its input says why by its exit code.
  child.stdin.on("error", () => {});
  child.stdin.end(input ?? "");
  const code = await new Promise<number | null>((done, fail) => {
    child.on("close", done).on("error", (cause) => {
      fail(
        new Error(`the docker client cannot be started: ${cause.message}. Install Docker's command line`, { cause }),
      );
    });
  });
  if (code === 0) return both ? said.out + said.err : said.out;
  throw new Error(`docker ${args.slice(0, 4).join(" ")} ended with exit code ${code}: ${said.err.trim()}`);
}
