import { printable } from "../registry/errors.ts";

/** Prints the one line on stderr of a failed start, which may quote the registry or the model's files. */
export function sayFailure(why: string): void {
  process.stderr.write(`service did not start: ${printable(why)}\n`);
}
