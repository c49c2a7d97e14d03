/**
 * The process that runs dynamic resources: host.cjs, called through messages.
 * @module
 */
import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import { UserError } from "../../failure.ts";
import { NODE_ARGUMENTS, stopChild } from "../../program/host.ts";
import { eachLine } from "../../program/lines.ts";
import { childEnvironment, couldNotStart, spawnNode } from "../../program/spawn-node.ts";

/** An error as the process reports it. */
export interface ReportedError {
  readonly message: string;
  /** Set if the resource exists although its initialization failed. */
  readonly partial?: { readonly id: string; readonly properties: object; readonly reasons: readonly string[] };
}

/** Thrown if the provider fails a call. */
export class ProviderError extends Error {
  override readonly name = "ProviderError";
  readonly reported: ReportedError;
  constructor(reported: ReportedError) {
    super(reported.message);
    this.reported = reported;
  }
}

export type Method = "expect" | "configure" | "check" | "diff" | "create" | "update" | "read" | "delete";

export interface DynamicProcess {
  /** Throws ProviderError if the provider fails, UserError if the process has exited. */
  call(method: Method, args: object): Promise<unknown>;
  stop(): Promise<void>;
}

interface Answer {
  readonly call: number;
  readonly result?: unknown;
  readonly error?: ReportedError;
}

export function startDynamicProcess(
  pwd: string,
  project: string,
  onOutput: (line: string, severity: "info" | "error") => void,
): DynamicProcess {
  // Relative paths in a dynamic provider start at the program's working directory.
  const child: ChildProcess = spawnNode(
    "the process of dynamic resources",
    [...NODE_ARGUMENTS, join(import.meta.dirname, "host.cjs"), project],
    {
      cwd: pwd,
      env: childEnvironment(),
      detached: true,
      // Structured clones also transfer numbers that JSON cannot represent.
      stdio: ["pipe", "pipe", "pipe", "ipc"],
      serialization: "advanced",
    },
  );
  if (child.stdout) void eachLine(child.stdout, (line) => onOutput(line, "info"));
  if (child.stderr) void eachLine(child.stderr, (line) => onOutput(line, "error"));
  const waiting = new Map<number, { resolve: (result: unknown) => void; reject: (error: Error) => void }>();
  let calls = 0;
  let gone: Error | undefined;
  const end = (error: Error) => {
    gone ??= error;
    for (const { reject } of waiting.values()) reject(gone);
    waiting.clear();
  };
  child.on("message", (message) => {
    const { call, result, error } = message as Answer;
    const pending = waiting.get(call);
    waiting.delete(call);
    if (error) pending?.reject(new ProviderError(error));
    else pending?.resolve(result);
  });
  child.once("error", (cause) => end(couldNotStart("the process of dynamic resources", cause)));
  child.once("exit", (code, signal) =>
    end(new UserError(`the process of dynamic resources has exited (${signal ?? `exit code ${code}`})`)),
  );
  return {
    call: (method, args) =>
      new Promise((resolve, reject) => {
        if (gone) return reject(gone);
        const call = ++calls;
        waiting.set(call, { resolve, reject });
        // If the message cannot be sent, the exit of the process rejects the call.
        child.send({ call, method, args }, () => undefined);
      }),
    stop: () => stopChild(child),
  };
}
