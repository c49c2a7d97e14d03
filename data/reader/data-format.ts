import { readFile } from "node:fs/promises";
import { z } from "zod";
import { describeIssue } from "../issue-messages.ts";
import type { ClassName } from "../prediction.ts";
import { ClassMap, isRounded } from "./class-map.ts";

/** A column's name may be a number, and a stack's config returns strings that look like numbers as numbers. */
const text = (message: string) => z.union([z.string(), z.number()], message).transform(String);
const column = text("must be the name of a column").pipe(z.string().min(1, "must be the name of a column"));
const character = z.string().length(1, "must be one character");

const className = z
  .union([z.string(), z.number(), z.boolean()], "must be a string, a number, true or false")
  .refine((it) => !isRounded(it), "must be a string{got}: numbers beyond 2^53 are rounded. Put it in quotes");

/** Keys of the stack's `data` that describe the format of the snapshots. */
export const formatKeys = {
  label: z
    .union(
      [
        column,
        z
          .array(column)
          .min(1, "must name at least one column")
          .refine((names) => new Set(names).size === names.length, "must not name a column twice"),
      ],
      "must be the name of a column, or a list of them",
    )
    .optional()
    .describe("The label's column; a list for a regression with several targets. Default: `label`."),
  classes: z
    .array(className, {
      error: "must be a list of the label's classes, such as [no, yes]",
    })
    .refine(({ length }) => length >= 2, "must list at least two classes")
    .refine((classes) => !new ClassMap(classes).isAmbiguous, "must list distinct classes")
    .optional()
    .describe(
      "The label's classes, such as `[no, yes]`. Default: 0 and 1, or the classes of a multiclass model's data.",
    ),
  positive: className.optional().describe("Of two classes, the one that precision, recall and probabilities refer to."),
  missing: z
    .array(text("must be a string"), { error: "must be a list of strings, such as [NA, ?]" })
    .optional()
    .describe("Strings that mean a missing value, in addition to the empty cell."),
  ignore: z.array(column, { error: "must be a list of columns" }).optional().describe("Columns to drop."),
  weights: column.optional().describe("Column with the weight of each row: finite numbers of 0 or more."),
  id: column.optional().describe("Column that identifies rows in the gate's report; not a feature."),
  csv: z
    .strictObject({
      separator: character
        .refine((it) => !/["\r\n0-9]/.test(it), "must not be a digit or a quote")
        .optional()
        .describe("Separator of the cells. Default: detected."),
      decimal: z.enum([".", ","], "must be . or ,").optional().describe("Decimal mark. Default: `.`"),
      encoding: z
        .enum(["utf-8", "utf-16", "latin-1", "windows-1252"], "must be utf-8, utf-16, latin-1 or windows-1252")
        .optional()
        .describe("Encoding of the file. Default: UTF-8, or the encoding of its byte order mark."),
      comment: character.optional().describe("Character that starts a comment."),
      quote: character.optional().describe('Character that quotes cells. Default: `"`'),
    })
    .optional(),
};

const schema = z.strictObject(formatKeys).superRefine(checkFormat);

/** Format of the snapshots: what the files themselves do not reveal. */
export type DataFormat = z.infer<typeof schema>;

const DEFAULT_LABEL = "label";

/** Names of the label's columns. */
export const labelsOf = ({ label = DEFAULT_LABEL }: DataFormat): readonly string[] =>
  typeof label === "string" ? [label] : label;

/** Reports keys that contradict each other. */
export function checkFormat(format: DataFormat, context: z.RefinementCtx): void {
  const { classes, positive, csv, weights, id } = format;
  const wrong = (key: string, message: string, input?: unknown) =>
    context.addIssue({ code: "custom", path: key.split("."), message, input });
  if (positive !== undefined && !classes) wrong("classes", "is missing: positive must be one of the classes");
  const isBinary = classes?.length === 2;
  if (isBinary && positive === undefined && !isZeroOne(classes))
    wrong("positive", `is missing: set it to one of the classes ${classes.join(", ")}`);
  if (classes && !isBinary && positive !== undefined)
    wrong("positive", `applies to two classes, but classes lists ${classes.length}{got}: remove it`, positive);
  if (isBinary && positive !== undefined && new ClassMap(classes).codeOf(positive) === undefined)
    wrong("positive", `must be one of the classes ${classes.join(", ")}`, positive);
  if (weights !== undefined && labelsOf(format).includes(weights)) wrong("weights", "must differ from label", weights);
  if (id !== undefined && labelsOf(format).includes(id)) wrong("id", "must differ from label", id);
  if (csv?.decimal === "," && csv.separator === ",")
    wrong("csv.separator", "must differ from csv.decimal", csv.separator);
}

/** Whether the classes are the numbers 0 and 1; the positive class is then 1 unless data.positive is set. */
const isZeroOne = (classes: readonly ClassName[]): boolean => {
  const map = new ClassMap(classes);
  return classes.length === 2 && map.codeOf(0) !== undefined && map.codeOf(1) !== undefined;
};

/** Picks the format's keys from a config's `data`. Returns undefined if none is set, so that such a stack has no additional input. */
export function formatOf(data: DataFormat): DataFormat | undefined {
  const { label, classes, positive, missing, ignore, weights, id, csv } = data;
  const set = Object.entries({ label, classes, positive, missing, ignore, weights, id, csv }).filter(
    ([, value]) => value !== undefined,
  );
  return set.length > 0 ? Object.fromEntries(set) : undefined;
}

/** Parses a format from JSON. @param where named in errors @throws Error that names every invalid key */
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
    parsed.error.issues.map((issue) => describeIssue([where, ...issue.path].join("."), issue, value)).join("; "),
  );
}

/** Parses the flag --format: JSON, or `@` followed by the path of a JSON file. */
export const readFormat = async (flag: string): Promise<DataFormat> =>
  parseFormat(flag.startsWith("@") ? await readFile(flag.slice(1), "utf8") : flag, "--format");
