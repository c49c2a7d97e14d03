import { RoundedNumberError } from "./rows.ts";

/** An integer, as in JSON or in a string. */
const DIGITS = /^-?\d{1,20}$/;

/**
 * Restores the caller's digits in the error about a number beyond 2^53, which JSON.parse has rounded.
 * @param body of the failed request; decoded only if needed
 */
export function withOriginalDigits(error: unknown, body: Buffer): unknown {
  if (!(error instanceof RoundedNumberError) || !error.pointer) return error;
  const digits = digitsAt(body.toString("utf8"), error.pointer);
  return digits === undefined ? error : error.withDigits(digits);
}

/** Returns the digits of a number beyond 2^53 in JSON; undefined if there is none at the pointer. */
export function digitsAt(text: string, pointer: string): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text, keepDigits);
  } catch {
    return undefined;
  }
  for (const step of pointer.slice(1).split("/")) {
    const key = step.replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value instanceof Digits ? value.text : undefined;
}

class Digits {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

function keepDigits(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  const source = context?.source ?? "";
  return typeof value === "number" && !Number.isSafeInteger(value) && DIGITS.test(source) ? new Digits(source) : value;
}
