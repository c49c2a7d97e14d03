import { readFile } from "node:fs/promises";
import { isBinned } from "../../data/drift/binned-values.ts";
import { binningOf } from "../../data/drift/binning.ts";
import { type ColumnBins, parseReferenceBins } from "../../data/drift/reference-bins.ts";
import { isNumberType } from "../../data/field.ts";
import type { ModelIdentity } from "../model-source.ts";
import { columnNames, type Signature } from "../predictor/signature.ts";
import type { DriftReference } from "./drift.ts";
import { log } from "./log.ts";

/** Whether a value is inline JSON; any other value is a path. */
const isInline = (given: string) => /^\s*[[{]/.test(given);

/**
 * Reads the drift reference: a snapshot's bins as JSON (data/drift/reference-bins.ts), or the path of a file with them. Ignores columns that the model does
 * not take, such as the label.
 * @throws Error with the fault and the remedy
 */
export async function readDriftReference(given: string, signature: Signature): Promise<DriftReference> {
  if (isInline(given)) return fromBins(given, signature, "DRIFT_REFERENCE");
  const what = `DRIFT_REFERENCE ${given}`;
  if (/\.(csv|parquet)$/i.test(given))
    throw new Error(
      `${what} is a snapshot, but the service needs its bins: npm run drift-bins -- ${given} > bins.json, then DRIFT_REFERENCE=bins.json. ` +
        "npm run serve creates them itself",
    );
  const text = await readFile(given, "utf8").catch((cause) => {
    throw new Error(`${what} cannot be read: ${cause.message}`, { cause });
  });
  return fromBins(text, signature, what);
}

/**
 * Reads the drift reference at startup. If inline bins do not match the model, logs a warning and returns undefined, because a stack passes the same bins to
 * every version that it serves. A path is an explicit choice for this model, so its errors are fatal.
 */
export async function driftReferenceOf(
  given: string,
  signature: Signature,
  { name, version }: Pick<ModelIdentity, "name" | "version">,
): Promise<DriftReference | undefined> {
  try {
    return await readDriftReference(given, signature);
  } catch (error) {
    if (!isInline(given)) throw error;
    log("warn", "drift is not monitored", {
      error: error instanceof Error ? error.message : String(error),
      model: name,
      version,
      remedy:
        "set data.reference of the staging stack to a snapshot with the model's columns, or unset it, then run up for that stack again",
    });
    return undefined;
  }
}

function fromBins(text: string, signature: Signature, what: string): DriftReference {
  const fail = (message: string, cause?: unknown) =>
    new Error(`${what}: the bins ${message}`, cause === undefined ? {} : { cause });
  let columns: readonly ColumnBins[];
  try {
    columns = parseReferenceBins(text).columns;
  } catch (cause) {
    throw fail((cause as Error).message, cause);
  }
  const byName = new Map(columns.map((column) => [column.name, column]));
  const names = modelColumns([...byName.keys()], signature, fail);
  const unfit: string[] = [];
  const reference = names.flatMap((name, fieldIndex) => {
    const field = signature.inputs[fieldIndex];
    const bins = byName.get(name);
    if (!field || !bins || !isBinned(field)) return [];
    if (!bins.edges && !bins.categories && isNumberType(field.type))
      throw fail(`of ${name} have no edges: some of its values were not numbers`);
    const binning = binningOf(bins, field);
    if (binning) return [{ name, fieldIndex, binning }];
    unfit.push(name);
    return [];
  });
  if (unfit.length > 0)
    log("warn", "drift of some columns is not monitored: the reference has no bins for values of their types", {
      columns: unfit,
      remedy:
        "create them for the model's signature: npm run drift-bins -- --model <MODEL_URI> <snapshot>, or run the gate again",
    });
  return reference;
}

/** Returns the model's columns, or the first ones if the model does not name its columns. */
function modelColumns(
  given: readonly string[],
  signature: Signature,
  fail: (what: string) => Error,
): readonly string[] {
  const own = columnNames(signature);
  const count = signature.inputs.length;
  const names = own ?? given.slice(0, count);
  if (names.length !== count || !names.every((name) => given.includes(name)))
    throw fail(`have the columns ${given.join(", ")}; the model takes ${own?.join(", ") ?? `${count} features`}`);
  return names;
}
