import { runProgram } from "../run-program.ts";

export interface DockerCall {
  /** Docker engine; defaults to DOCKER_HOST or the machine's own. */
  readonly host?: string | undefined;
  /** Written to the command's standard input. */
  readonly input?: string;
  /** Also return its error stream. */
  readonly both?: boolean;
}

/** Thrown if the docker command fails or is not installed. */
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
 * Runs the docker client and returns its output.
 * @throws DockerError with the command, its exit code and its output
 */
export async function docker(args: readonly string[], { host, input, both }: DockerCall = {}): Promise<string> {
  const ran = runProgram("docker", [...(host ? ["--host", host] : []), ...args], input);
  const { code, stdout, stderr } = await ran.catch((cause: NodeJS.ErrnoException) => {
    const missing = "the docker command is not installed. Install it: https://docs.docker.com/engine/install/";
    const why = cause.code === "ENOENT" ? missing : `the docker command cannot be started: ${cause.message}`;
    throw new DockerError(why, undefined, { cause });
  });
  if (code === 0) return both ? stdout + stderr : stdout;
  const output = stderr.trim();
  throw new DockerError(`docker ${args.slice(0, 4).join(" ")} ended with exit code ${code}: ${output}`, output);
}
