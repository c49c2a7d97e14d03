import { createHash } from "node:crypto";

/** MLflow takes keys of up to 250 characters; the rest is the metric's own. */
const LONGEST = 150;

/**
 * Makes a class's or a target's name fit for a metric's name on an MLflow run, which holds letters and digits of any script, `_`, `-`, `.` and
 * spaces. Any other character becomes its code point in hexadecimal between underscores, so that two names stay two; a long name is cut, and ends
 * with a digest of the whole.
 */
export function runName(name: string): string {
  const safe = name.normalize("NFC").replace(/[^\p{L}\p{Nd}_.\- ]/gu, (character) => {
    return `_${(character.codePointAt(0) as number).toString(16)}_`;
  });
  const points = [...safe];
  if (points.length <= LONGEST) return safe;
  return `${points.slice(0, LONGEST - 9).join("")}_${createHash("sha256").update(name).digest("hex").slice(0, 8)}`;
}
