/**
 * Keeps secrets out of everything that is printed: whatever was ever seen as a secret is replaced in every text.
 * @module
 */
import type { Value } from "../properties/value.ts";
import { secretStrings } from "../properties/walk.ts";

/** Shorter than this, a secret is a fragment of any text; masking it would show more than it hides. */
const SHORTEST = 3;
/** Lines of a long secret (a key file) are masked one by one too: output is printed by the line. */
const SHORTEST_LINE = 8;

export class SecretMask {
  #secrets = new Set<string>();
  #pattern: RegExp | undefined;

  add(text: string): void {
    const trimmed = text.trim();
    for (const part of [text, trimmed, JSON.stringify(text).slice(1, -1)]) this.#remember(part, SHORTEST);
    if (text.includes("\n")) for (const line of text.split("\n")) this.#remember(line.trim(), SHORTEST_LINE);
  }

  addAll(value: Value): void {
    for (const text of secretStrings(value)) this.add(text);
  }

  #remember(text: string, shortest: number): void {
    if (text.length < shortest || this.#secrets.has(text)) return;
    this.#secrets.add(text);
    this.#pattern = undefined;
  }

  readonly apply = (text: string): string => {
    if (this.#secrets.size === 0) return text;
    // Longest first: a secret may contain another.
    this.#pattern ??= new RegExp(
      [...this.#secrets]
        .sort((a, b) => b.length - a.length)
        .map((secret) => secret.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"))
        .join("|"),
      "g",
    );
    return text.replace(this.#pattern, "[secret]");
  };
}
