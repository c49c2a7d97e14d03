/**
 * Chooses the display of a run.
 * @module
 */
import { flag, type Parsed, text } from "../commands/arguments.ts";
import { UserError } from "../failure.ts";
import { type ColorChoice, painter, wantsColor } from "./colors.ts";
import { DiffDisplay } from "./diff.ts";
import type { Display, DisplayOptions } from "./display.ts";
import { JsonDisplay } from "./json.ts";
import { JsonEventsDisplay } from "./json-events.ts";
import { PlainDisplay } from "./plain.ts";
import { TreeDisplay } from "./tree.ts";

export interface Chosen {
  readonly project: string;
  readonly stack: string;
  readonly preview: boolean;
  readonly label: string;
  readonly mask: (text: string) => string;
  /** Config with redacted secrets. */
  readonly config: Readonly<Record<string, string>>;
}

const COLORS = new Set(["always", "never", "raw", "auto"]);

function colorChoice(parsed: Parsed): ColorChoice {
  const choice = text(parsed, "color") ?? "auto";
  if (!COLORS.has(choice))
    throw new UserError(`unsupported color option: '${choice}'. Supported values are: always, never, raw, auto`);
  return choice as ColorChoice;
}

export function chooseDisplay(parsed: Parsed, chosen: Chosen): Display {
  const { stdout } = process;
  const options: DisplayOptions = {
    ...chosen,
    paint: painter(wantsColor(colorChoice(parsed), process.env, stdout.isTTY === true)),
    write: (text) => void stdout.write(text),
    width: stdout.columns ?? 120,
    suppressOutputs: flag(parsed, "suppress-outputs"),
    showSames: flag(parsed, "show-sames"),
    showSecrets: flag(parsed, "show-secrets"),
  };
  if (flag(parsed, "json"))
    return chosen.preview ? new JsonDisplay(options, chosen.config) : new JsonEventsDisplay(options, chosen.config);
  if (flag(parsed, "diff")) return new DiffDisplay(options);
  const live = stdout.isTTY === true && process.env.TERM !== "dumb" && !flag(parsed, "non-interactive");
  return live && !flag(parsed, "suppress-progress") ? new TreeDisplay(options) : new PlainDisplay(options);
}
