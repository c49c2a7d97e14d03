import { readFileSync } from "node:fs";
import { messageOf, UserError } from "./failure.ts";

/**
 * Reads a text file.
 * @param what the file's role, for the error
 * @throws UserError that names the file: Node's own error does not when the path is a folder
 */
export function readText(file: string, what: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new UserError(`${what} ${file} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}
