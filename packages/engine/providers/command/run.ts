/**
 * Runs one command and collects its output.
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import { StringDecoder } from "node:string_decoder";

export interface CommandRequest {
  readonly command: string;
  readonly interpreter: readonly string[];
  readonly dir: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly stdin: string | undefined;
  readonly logStdout: boolean;
  readonly logStderr: boolean;
  readonly onLine: (line: string) => void;
}
export interface CommandOutput {
  readonly stdout: string;
  readonly stderr: string;
}

/** Describes the end of a process in Go's format, as the plugin's error does. */
const describeEnd = (code: number | null, signal: NodeJS.Signals | null) =>
  signal === null ? `exit status ${code}` : `signal: ${signal === "SIGKILL" ? "killed" : signal}`;

const quote = (text: string) => JSON.stringify(text);

class LineLog {
  #rest = "";
  readonly #onLine: (line: string) => void;
  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }
  add(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#onLine(line.replace(/\r$/, ""));
  }
  end(): void {
    if (this.#rest !== "") this.#onLine(this.#rest);
    this.#rest = "";
  }
}

const running = new Set<ChildProcess>();
/** Kills all commands when the engine exits immediately: none may outlive it. */
export function killCommands(): void {
  for (const child of running) child.kill("SIGKILL");
}

export function runCommand(request: CommandRequest): Promise<CommandOutput> {
  const [program = "/bin/sh", ...args] = [...request.interpreter, request.command];
  return new Promise((resolve, reject) => {
    let [stdout, stderr, both] = ["", "", ""];
    const child = spawn(program, args, {
      cwd: request.dir,
      env: request.environment,
      stdio: [request.stdin === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    });
    running.add(child);
    const collect = (stream: NodeJS.ReadableStream | null, log: boolean, add: (text: string) => void) => {
      const decoder = new StringDecoder("utf8");
      const lines = new LineLog(request.onLine);
      const take = (text: string) => {
        add(text);
        both += text;
        if (log) lines.add(text);
      };
      stream?.on("data", (chunk: Buffer) => take(decoder.write(chunk)));
      stream?.once("end", () => {
        take(decoder.end());
        lines.end();
      });
    };
    collect(child.stdout, request.logStdout, (text) => {
      stdout += text;
    });
    collect(child.stderr, request.logStderr, (text) => {
      stderr += text;
    });
    const fail = (why: string, cause?: unknown) =>
      reject(new Error(`${why}: running ${quote(request.command)}:\n${both}`, { cause }));
    child.once("error", (error: NodeJS.ErrnoException) => {
      running.delete(child);
      fail(error.message, error);
    });
    child.once("close", (code, signal) => {
      running.delete(child);
      if (code === 0) resolve({ stdout: stdout.replace(/\n$/, ""), stderr: stderr.replace(/\n$/, "") });
      else fail(describeEnd(code, signal));
    });
    // A command may close its input without reading it.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(request.stdin);
  });
}
