/**
 * Terminal colors.
 * @module
 */
import type { Op } from "../steps/step.ts";

export type ColorChoice = "always" | "never" | "raw" | "auto";
export type Paint = (text: string, color: Color) => string;
export type Color = "red" | "green" | "yellow" | "magenta" | "cyan" | "bold" | "dim" | "headline";

const CODES: Record<Color, string> = {
  red: "31",
  green: "32",
  yellow: "33",
  magenta: "95",
  cyan: "36",
  bold: "1",
  dim: "2",
  headline: "95;1",
};

/** Whether to use color: the flag, then NO_COLOR, then whether the output is a terminal. */
export function wantsColor(choice: ColorChoice, env: NodeJS.ProcessEnv, isTerminal: boolean): boolean {
  if (choice === "always") return true;
  if (choice !== "auto") return false;
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== "") return false;
  if (env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== "0") return true;
  return isTerminal && env.TERM !== "dumb";
}

export const painter =
  (on: boolean): Paint =>
  (text, color) =>
    on && text !== "" ? `\u001b[${CODES[color]}m${text}\u001b[0m` : text;

const OP_COLORS: Partial<Record<Op, Color>> = {
  create: "green",
  "create-replacement": "green",
  update: "yellow",
  delete: "red",
  "delete-replaced": "red",
  replace: "magenta",
  read: "cyan",
  "read-replacement": "cyan",
  refresh: "yellow",
  discard: "red",
  "discard-replaced": "magenta",
};
export const opColor = (op: Op): Color | undefined => OP_COLORS[op];
