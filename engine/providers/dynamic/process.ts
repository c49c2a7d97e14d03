/**
 * The process that runs dynamic resources: the SDK's own provider.
 * @module
 */
import { spawn } from "node:child_process";
import { failsLater, UserError } from "../../failure.ts";
import { childEnvironment } from "../../program/environment.ts";
import { CHILD_OPTIONS, locateSdk, NODE_ARGUMENTS, stopChild } from "../../program/host.ts";
import { eachLine } from "../../program/lines.ts";

export interface DynamicProcess {
  /** `host:port`, once it listens. */
  readonly address: Promise<string>;
  stop(): Promise<void>;
}

export function startDynamicProcess(
  pwd: string,
  engine: string,
  onOutput: (line: string, severity: "info" | "error") => void,
): DynamicProcess {
  const script = locateSdk(pwd, "@pulumi/pulumi/cmd/dynamic-provider");
  // A relative path inside of a dynamic provider starts where the program runs.
  const child = spawn(process.execPath, [...NODE_ARGUMENTS, script, engine], {
    cwd: pwd,
    env: childEnvironment(),
    ...CHILD_OPTIONS,
  });
  const address = new Promise<string>((resolve, reject) => {
    let port: string | undefined;
    void eachLine(child.stdout, (line) => {
      if (port !== undefined) return onOutput(line, "info");
      // The first line is the port, whatever else is said later.
      port = line.trim();
      if (/^\d+$/.test(port)) resolve(`127.0.0.1:${port}`);
      else reject(new UserError(`the dynamic provider said "${line}" instead of its port`));
    });
    void eachLine(child.stderr, (line) => onOutput(line, "error"));
    child.once("error", (error) =>
      reject(new UserError(`the dynamic provider could not be started: ${error.message}`)),
    );
    child.once("exit", (code) =>
      reject(new UserError(`the dynamic provider ended (exit code ${code}) before it was ready`)),
    );
  });
  failsLater(address);
  return { address, stop: () => stopChild(child) };
}
