import { printable } from "../registry/printable.ts";

/** The one line on stderr of a service that does not start. It may quote the registry, or the model's files. */
export function sayFailure(why: string): void {
  process.stderr.write(`service did not start: ${printable(why)}\n`);
}
