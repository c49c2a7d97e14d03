import type { Logger } from "pino";

type Level = "debug" | "info" | "warn" | "error";
const LEVELS: readonly Level[] = ["debug", "info", "warn", "error"];

let logger: Promise<Logger> | undefined;
let level: Level = "info";

/** Sets the level below which nothing is written. */
export function setLogLevel(to: Level): void {
  level = to;
}

export const isLogged = (of: Level): boolean => LEVELS.indexOf(of) >= LEVELS.indexOf(level);

/**
 * One line of JSON on stderr, by pino. stdout is kept for the line that says where the service listens. Feature values are never logged: they are other
 * people's data. pino is loaded with the first line: a start that has nothing to say does not pay for it.
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

/** Resolves once everything is written: to a file or a pipe, stderr is synchronous. */
export async function flushLog(): Promise<void> {
  await logger;
}
