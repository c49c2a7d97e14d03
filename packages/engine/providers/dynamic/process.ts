/**
 * The process that runs dynamic resources: host.cjs, asked by messages.
 * @module
 */
import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import { UserError } from "../../failure.ts";
import { childEnvironment } from "../../program/environment.ts";
import { NODE_ARGUMENTS, stopChild } from "../../program/host.ts";
import { eachLine } from "../../program/lines.ts";
import { couldNotStart, spawnNode } from "../../program/spawn-node.ts";

/** An error as the process reports it. */
export interface ToldError {
  readonly message: string;
  /** The resource exists, but did not become what it should. */
  readonly partial?: { readonly id: string; readonly properties: object; readonly reasons: readonly string[] };
}

/** A call that the provider has failed. */
export class ProviderError extends Error {
  override readonly name = "ProviderError";
  readonly told: ToldError;
  constructor(told: ToldError) {
    super(told.message);
    this.told = told;
  }
}

export type Method = "expect" | "configure" | "check" | "diff" | "create" | "update" | "read" | "delete";

export interface DynamicProcess {
  /** Throws ProviderError when the provider fails, UserError when the process has ended. */
  call(method: Method, args: object): Promise<unknown>;
  stop(): Promise<void>;
}

interface Answer {
  readonly call: number;
  readonly result?: unknown;
  readonly error?: ToldError;
}

export function startDynamicProcess(
  pwd: string,
  project: string,
  onOutput: (line: string, severity: "info" | "error") => void,
): DynamicProcess {
  // A relative path inside of a dynamic provider starts where the program runs.
  const child: ChildProcess = spawnNode(
    "the process of dynamic resources",
    [...NODE_ARGUMENTS, join(import.meta.dirname, "host.cjs"), project],
    {
      cwd: pwd,
      env: childEnvironment(),
      detached: true,
      // Structured clones: a number that JSON does not know comes through as it is.
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
    const asked = waiting.get(call);
    waiting.delete(call);
    if (error) asked?.reject(new ProviderError(error));
    else asked?.resolve(result);
  });
  child.once("error", (cause) => end(couldNotStart("the process of dynamic resources", cause)));
  child.once("exit", (code, signal) =>
    end(new UserError(`the process of dynamic resources has ended (${signal ?? `exit code ${code}`})`)),
  );
  return {
    call: (method, args) =>
      new Promise((resolve, reject) => {
        if (gone) return reject(gone);
        const call = ++calls;
        waiting.set(call, { resolve, reject });
        // What cannot be sent is seen by the exit of the process.
        child.send({ call, method, args }, () => undefined);
      }),
    stop: () => stopChild(child),
  };
}
