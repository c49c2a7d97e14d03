import { spawn } from "node:child_process";

export interface DockerCall {
  /** Docker engine; without it the one that DOCKER_HOST or the machine names. */
  readonly host?: string | undefined;
  /** Written to the command's standard input. */
  readonly input?: string;
  /** Answer what it said on its error stream, too. */
  readonly both?: boolean;
}

/** The docker command failed, or is missing. */
export class DockerError extends Error {
  override readonly name = "DockerError";
  /** The command's output; undefined if it could not be started. */
  readonly stderr: string | undefined;

  constructor(message: string, stderr?: string, options?: ErrorOptions) {
    super(message, options);
    this.stderr = stderr;
  }
}

/**
 * Runs the docker client and answers what it printed.
 * @throws DockerError with the command, its exit code and its output
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
    child.on("close", done).on("error", (cause: NodeJS.ErrnoException) => {
      const missing = "the docker command is not installed. Install it: https://docs.docker.com/engine/install/";
      const why = cause.code === "ENOENT" ? missing : `the docker command cannot be started: ${cause.message}`;
      fail(new DockerError(why, undefined, { cause }));
    });
  });
  if (code === 0) return both ? said.out + said.err : said.out;
  const stderr = said.err.trim();
  throw new DockerError(`docker ${args.slice(0, 4).join(" ")} ended with exit code ${code}: ${stderr}`, stderr);
}
