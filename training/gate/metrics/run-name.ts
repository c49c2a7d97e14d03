import { createHash } from "node:crypto";

/** MLflow accepts keys of up to 250 characters; the rest is the metric's own name. */
const LONGEST = 150;

/**
 * Escapes a class's or target's name for a metric's name on an MLflow run, which may contain letters and digits of any script, `_`, `-`, `.` and
 * spaces. Any other character becomes its hexadecimal code point between underscores, so that distinct names stay distinct; a long name is truncated,
 * followed by a digest of the whole name.
 */
export function runName(name: string): string {
  const safe = name.normalize("NFC").replace(/[^\p{L}\p{Nd}_.\- ]/gu, (character) => {
    return `_${(character.codePointAt(0) as number).toString(16)}_`;
  });
  const points = [...safe];
  if (points.length <= LONGEST) return safe;
  return `${points.slice(0, LONGEST - 9).join("")}_${createHash("sha256").update(name).digest("hex").slice(0, 8)}`;
}
