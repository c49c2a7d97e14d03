import { readFileSync } from "node:fs";
import { parse, YAMLParseError } from "yaml";
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

/**
 * Parses YAML.
 * @throws UserError that names the file and the line
 */
export function parseYaml(text: string, file: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    const position =
      error instanceof YAMLParseError && error.linePos ? `:${error.linePos[0].line}:${error.linePos[0].col}` : "";
    const what = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
    throw new UserError(`${file}${position} cannot be read: ${what}. It was not changed.`, { cause: error });
  }
}
