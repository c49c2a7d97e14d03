/**
 * The stack's outputs and their changes.
 * @module
 */
import type { PropertyMap } from "../properties/value.ts";
import { equal } from "../properties/walk.ts";
import { opColor, type Paint } from "./colors.ts";
import { renderValue } from "./render-value.ts";

export function outputsSection(
  before: PropertyMap,
  after: PropertyMap | undefined,
  paint: Paint,
  mask: (text: string) => string,
  showSecrets: boolean,
): string[] {
  const next = after ?? {};
  const keys = [...new Set([...Object.keys(before), ...Object.keys(next)])].sort();
  if (keys.length === 0) return [];
  const width = Math.max(...keys.map((key) => key.length));
  const render = (value: PropertyMap[string]) => {
    const text = renderValue(value, { showSecrets, indent: "    " });
    return showSecrets ? text : mask(text);
  };
  const lines = keys.map((key) => {
    const name = key.padEnd(width);
    const [old, now] = [before[key], next[key]];
    if (now === undefined) return paint(`  - ${name}: ${render(old ?? null)}`, opColor("delete") ?? "red");
    if (old === undefined) return paint(`  + ${name}: ${render(now)}`, opColor("create") ?? "green");
    if (equal(old, now)) return `    ${name}: ${render(now)}`;
    return paint(`  ~ ${name}: ${render(old)} => ${render(now)}`, opColor("update") ?? "yellow");
  });
  return [paint("Outputs:", "headline"), ...lines, ""];
}
