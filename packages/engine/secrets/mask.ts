/**
 * Masks secrets in all output: every known secret is replaced in every text.
 * @module
 */
import type { Value } from "../properties/value.ts";
import { secretStrings } from "../properties/walk.ts";

/** Shorter secrets occur in ordinary text, so masking them would reveal more than it hides. */
const MIN_LENGTH = 3;
/** Lines of a long secret, such as a key file, are also masked individually, because output is printed line by line. */
const MIN_LINE_LENGTH = 8;

export class SecretMask {
  #secrets = new Set<string>();
  #pattern: RegExp | undefined;

  add(text: string): void {
    const trimmed = text.trim();
    for (const part of [text, trimmed, JSON.stringify(text).slice(1, -1)]) this.#addPart(part, MIN_LENGTH);
    if (text.includes("\n")) for (const line of text.split("\n")) this.#addPart(line.trim(), MIN_LINE_LENGTH);
  }

  addAll(value: Value): void {
    for (const text of secretStrings(value)) this.add(text);
  }

  #addPart(text: string, minLength: number): void {
    if (text.length < minLength || this.#secrets.has(text)) return;
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
