/**
 * Parses YAML, with errors that name the file and the line.
 * @module
 */
import { parse, YAMLParseError } from "yaml";
import { UserError } from "../failure.ts";

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
