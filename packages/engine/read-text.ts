import { readFileSync } from "node:fs";
import { messageOf, UserError } from "./failure.ts";

/**
 * Reads a text file.
 * @param what the file's role, for the error
 * @throws UserError that names the file, unlike Node's own error for a folder
 */
export function readText(file: string, what: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new UserError(`${what} ${file} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}
