import type { Logger } from "pino";
import { printable } from "../../data/printable.ts";

type Level = "debug" | "info" | "warn" | "error";
const LEVELS: readonly Level[] = ["debug", "info", "warn", "error"];

let logger: Promise<Logger> | undefined;
let level: Level = "info";

/** Sets the minimum level to log. */
export function setLogLevel(to: Level): void {
  level = to;
}

export const isLogged = (of: Level): boolean => LEVELS.indexOf(of) >= LEVELS.indexOf(level);

/**
 * Logs one line of JSON to stderr with pino. stdout is reserved for the line with the service's URL. Never pass feature values, which may be personal
 * data. pino is loaded with the first line, so that a start without any log line does not pay for it.
 */
export function log(of: Level, message: string, fields: Record<string, unknown> = {}): void {
  if (!isLogged(of)) return;
  logger ??= import("pino").then(({ default: pino }) =>
    pino(
      {
        level: "debug",
        base: { pid: process.pid },
        messageKey: "message",
        timestamp: pino.stdTimeFunctions.isoTime,
        formatters: { level: (label) => ({ level: label }) },
      },
      process.stderr,
    ),
  );
  void logger.then((pino) => pino[of](fields, message));
}

/** Resolves once all lines are written. It need only wait for pino, because stderr is synchronous for files and pipes. */
export async function flushLog(): Promise<void> {
  await logger;
}

/** Prints the line on stderr for a failed start. Its reason may quote the registry or the model's files, so it is escaped. */
export function printFailure(reason: string): void {
  process.stderr.write(`service did not start: ${printable(reason)}\n`);
}
