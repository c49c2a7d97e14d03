/** Returns the JSON escape of a UTF-16 unit, such as `\u001b`. */
export const unicodeEscape = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** Matches control characters and those that change the text direction. They can move a terminal's cursor, forge lines or hide text. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the expression searches for control characters
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/**
 * Makes untrusted text (a server's message, a tag, a name in a model's file) safe to print within one line of a log or terminal.
 * Replaces unprintable characters with their code, such as `\u001b`.
 */
export const printable = (text: string): string => text.replace(UNPRINTABLE, unicodeEscape);

/** Does the same for text with several lines. */
export const printableLines = (text: string): string => text.split("\n").map(printable).join("\n");
