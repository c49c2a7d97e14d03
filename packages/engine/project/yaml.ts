/**
 * YAML, with errors that name file and line.
 * @module
 */
import { parse, YAMLParseError } from "yaml";
import { UserError } from "../failure.ts";

export function parseYaml(text: string, file: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    const place =
      error instanceof YAMLParseError && error.linePos ? `:${error.linePos[0].line}:${error.linePos[0].col}` : "";
    const what = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
    throw new UserError(`${file}${place} cannot be read: ${what}. It has been left as it is.`, { cause: error });
  }
}
