import { z } from "zod";
import type { ClassName } from "../prediction.ts";
import { ClassMap } from "./class-map.ts";

/** A column may be named by a number, and texts that look like one come out of a stack's config as numbers. */
const text = (message: string) => z.union([z.string(), z.number()], message).transform(String);
const column = text("must be the name of a column").pipe(z.string().min(1, "must be the name of a column"));
const character = z.string().length(1, "must be one character");

/** Keys of the stack's `data` that say how the snapshots are written. A key that is absent has the meaning that it has without any config. */
export const formatKeys = {
  /** Name of the label's column, which may stand anywhere. */
  label: column.optional(),
  /** Both texts or values of the label. */
  classes: z
    .array(z.union([z.string(), z.number(), z.boolean()], "must be a text, a number, true or false"), {
      error: "must be a list of the label's classes, such as [no, yes]",
    })
    .refine(({ length }) => length === 2, "must list two classes: the gate judges binary classifiers")
    .refine((classes) => !new ClassMap(classes).isAmbiguous, "must list two different classes")
    .optional(),
  /** The class that precision, recall and probabilities speak of. */
  positive: z.union([z.string(), z.number(), z.boolean()], "must be a text, a number, true or false").optional(),
  /** Texts that mean a missing value, beside the empty cell. */
  missing: z.array(text("must be a text"), { error: "must be a list of texts, such as [NA, ?]" }).optional(),
  /** Columns that are dropped. */
  ignore: z.array(column, { error: "must be a list of columns" }).optional(),
  csv: z
    .strictObject({
      separator: character.refine((it) => !/["\r\n0-9]/.test(it), "must not be a digit or a quote").optional(),
      /** Decimal mark. */
      decimal: z.enum([".", ","], "must be . or ,").optional(),
      encoding: z
        .enum(["utf-8", "utf-16", "latin-1", "windows-1252"], "must be utf-8, utf-16, latin-1 or windows-1252")
        .optional(),
      /** Character that starts a comment. */
      comment: character.optional(),
      /** Character that cells are quoted with. */
      quote: character.optional(),
    })
    .optional(),
};

const schema = z.strictObject(formatKeys).superRefine(checkFormat);

/** How snapshots are written, where it cannot be seen from the files. */
export type DataFormat = z.infer<typeof schema>;

export const DEFAULT_LABEL = "label";

/** Adds what is wrong with keys that belong together. */
export function checkFormat({ classes, positive, csv }: DataFormat, context: z.RefinementCtx): void {
  const wrong = (key: string, message: string, input?: unknown) =>
    context.addIssue({ code: "custom", path: key.split("."), message, input });
  if (positive !== undefined && !classes) wrong("classes", "is missing: positive names one of them");
  if (classes && positive === undefined && !isZeroOne(classes))
    wrong("positive", `is missing: it names one of the classes ${classes.join(", ")}`);
  if (classes && positive !== undefined && new ClassMap(classes).codeOf(positive) === undefined)
    wrong("positive", `must be one of the classes ${classes.join(", ")}`, positive);
  if (csv?.decimal === "," && csv.separator === ",")
    wrong("csv.separator", "must differ from csv.decimal", csv.separator);
}

/** Whether the classes are the numbers 0 and 1, whose positive class is 1 unless data.positive says otherwise. */
export const isZeroOne = (classes: readonly ClassName[]): boolean => {
  const map = new ClassMap(classes);
  return classes.length === 2 && map.codeOf(0) !== undefined && map.codeOf(1) !== undefined;
};

/**
 * Picks the keys of a format out of a config's `data`; undefined where none of them is set, so that a stack that sets none has no input more.
 */
export function formatOf(data: DataFormat): DataFormat | undefined {
  const { label, classes, positive, missing, ignore, csv } = data;
  const set = Object.entries({ label, classes, positive, missing, ignore, csv }).filter(
    ([, value]) => value !== undefined,
  );
  return set.length > 0 ? Object.fromEntries(set) : undefined;
}

/** Reads a format from JSON. @param where named in errors @throws Error that names every wrong key */
export function parseFormat(text: string, where: string): DataFormat {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new Error(`${where} is not JSON: ${text}`, { cause });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Error(
    parsed.error.issues.map(({ path, message }) => `${[where, ...path].join(".")} ${message}`).join("; "),
  );
}
