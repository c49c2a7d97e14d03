/**
 * `--diff`: shows each resource with the changes to its properties.
 * @module
 */
import { isList, isMap, type PropertyMap, type Value } from "../properties/value.ts";
import { equal } from "../properties/walk.ts";
import { nameOf } from "../resources/urn.ts";
import type { Step } from "../steps/step.ts";
import { opColor, type Paint } from "./colors.ts";
import { type RenderOptions, renderValue } from "./render-value.ts";
import { planWord, symbolOf } from "./words.ts";

type Sign = "+" | "-" | "~" | " ";
const SIGN_COLORS = { "+": "green", "-": "red", "~": "yellow", " ": undefined } as const;

export interface DiffViewOptions {
  readonly paint: Paint;
  readonly mask: (text: string) => string;
  readonly showSecrets: boolean;
}

/** Absent and null are equivalent. */
const absent = (value: Value | undefined) => value === undefined || value === null;

class Lines {
  readonly lines: string[] = [];
  readonly #options: DiffViewOptions;
  constructor(options: DiffViewOptions) {
    this.#options = options;
  }

  add(sign: Sign, depth: number, text: string): void {
    const color = SIGN_COLORS[sign];
    const indented = `${"    ".repeat(depth).slice(2)}${sign} ${text}`;
    const masked = this.#options.showSecrets ? indented : this.#options.mask(indented);
    this.lines.push(color ? this.#options.paint(masked, color) : masked);
  }

  value(sign: Sign, depth: number, name: string, value: Value): void {
    this.add(sign, depth, `${name}: ${renderValue(value, this.#render(depth))}`);
  }

  #render(depth: number): RenderOptions {
    return { showSecrets: this.#options.showSecrets, indent: "    ".repeat(depth) };
  }

  /** Shows the change of a value. Only the changed parts of containers are shown. */
  change(depth: number, name: string, old: Value | undefined, next: Value | undefined): void {
    if (equal(old ?? null, next ?? null)) return;
    const [before, after] = [entries(old ?? null), entries(next ?? null)];
    if (absent(old)) this.value("+", depth, name, next ?? null);
    else if (absent(next)) this.value("-", depth, name, old ?? null);
    else if (before && after && isList(old) === isList(next)) this.#inside(depth, name, before, after, isList(next));
    else {
      const render = (value: Value | undefined) => renderValue(value ?? null, this.#render(depth));
      this.add("~", depth, `${name}: ${render(old)} => ${render(next)}`);
    }
  }

  #inside(depth: number, name: string, before: Entries, after: Entries, list: boolean): void {
    this.add("~", depth, `${name}: ${list ? "[" : "{"}`);
    for (const key of keysOf(before, after))
      this.change(depth + 1, list ? `[${key}]` : key, before.get(key), after.get(key));
    this.add(" ", depth, list ? "]" : "}");
  }
}

type Entries = ReadonlyMap<string, Value>;
const entries = (value: Value): Map<string, Value> | undefined => {
  if (isList(value)) return new Map(value.map((item, i) => [String(i), item]));
  return isMap(value) ? new Map(Object.entries(value)) : undefined;
};
const keysOf = (a: Entries, b: Entries) => [...new Set([...a.keys(), ...b.keys()])];

/** Internal properties, such as the code of a dynamic provider. */
const HIDDEN = new Set(["__provider", "__internal"]);
const visible = (map: PropertyMap): [string, Value][] =>
  Object.entries(map)
    .filter(([key]) => !HIDDEN.has(key))
    .sort(([a], [b]) => (a < b ? -1 : 1));

export function diffView(step: Step, depth: number, options: DiffViewOptions): string[] {
  const lines = new Lines(options);
  const subject = step.new ?? step.old;
  const color = opColor(step.op);
  const title = `${symbolOf(step.op)}${subject?.type} ${nameOf(step.urn)}: (${step.op === "same" ? "same" : planWord(step.op)})`;
  const heading = `${"    ".repeat(depth).slice(Math.min(2, depth * 4))}${title}`;
  lines.lines.push(color ? options.paint(heading, color) : heading);
  const id = step.old?.id ?? "";
  if (id !== "") lines.add(" ", depth + 1, `[id=${id}]`);
  lines.add(" ", depth + 1, `[urn=${step.urn}]`);
  if (step.keys.length > 0) lines.add(" ", depth + 1, `[replaced because of: ${step.keys.join(", ")}]`);
  if (step.op === "create" && step.new)
    for (const [key, value] of visible(step.new.inputs)) lines.value("+", depth + 1, key, value);
  else if (step.op === "delete" && step.old)
    for (const [key, value] of visible(step.old.inputs)) lines.value("-", depth + 1, key, value);
  else if (step.old && step.new && step.op !== "same") changes(lines, step, depth + 1);
  return lines.lines;
}

/** Shows the outputs of a refresh, which changes nothing else, and the inputs of any other step. */
function changes(lines: Lines, { op, old, new: next }: Step, depth: number): void {
  const side = (state: Step["new"]) => new Map(visible((op === "refresh" ? state?.outputs : state?.inputs) ?? {}));
  const [before, after] = [side(old), side(next)];
  for (const key of keysOf(before, after).sort()) lines.change(depth, key, before.get(key), after.get(key));
}
