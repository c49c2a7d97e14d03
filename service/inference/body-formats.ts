import type { Reading, Rows } from "./rows.ts";

/** Reads the rows of a body. Throws ProblemError: 422 with a pointer to the fault, 413 for too many rows. */
type ReadRows = (text: string, reading: Reading) => Rows;

/** A format of `POST /invocations` other than JSON. */
export interface BodyFormat {
  /** Describes the body, for the API's documentation. */
  readonly description: string;
  /** Writes one row, for the API's examples. @param columns column names, or indexes if the model does not name its columns */
  readonly example: (columns: readonly string[], values: readonly unknown[]) => string;
  /** Loads the reader. Called with the first such request, to keep startup fast. */
  readonly load: () => Promise<ReadRows>;
}

const csvLine = (cells: readonly unknown[]) =>
  `${cells
    .map((cell) => cell ?? "")
    .map((cell) => (/[",\r\n]/.test(`${cell}`) ? `"${`${cell}`.replaceAll('"', '""')}"` : cell))
    .join(",")}\n`;

/** Formats by media type. To add one, write its reader in a file and add it here. */
export const BODY_FORMATS: Readonly<Record<string, BodyFormat>> = {
  "text/csv": {
    description: "a header with the names of the columns, then one row per line",
    // An empty cell is a missing value.
    example: (columns, values) =>
      `${csvLine(columns)}${csvLine(values.map((value) => (value === "" ? "text" : value)))}`,
    load: async () => (await import("./csv-rows.ts")).readCsvRows,
  },
  "application/jsonl": {
    description: "one row per line: an object of named columns, or a list in the model's order",
    example: (_, values) => `${JSON.stringify(values)}\n`,
    load: async () => (await import("./json-lines.ts")).readJsonLines,
  },
};
