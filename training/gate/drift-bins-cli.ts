import { parseArgs } from "node:util";
import { readFormat } from "../../data/reader/data-format.ts";
import { signatureOfModel, unpinnedReferenceBins } from "./unpinned-bins.ts";

const USAGE = `usage: npm run --silent drift-bins -- [--model <folder or models:/...>] [--format <JSON or @file>] <snapshot> > bins.json
  Prints the bins of the snapshot's columns (CSV or Parquet), for DRIFT_REFERENCE of a service that you start manually.
  --model    the served model, like MODEL_URI: columns are read with its types. Default: types are inferred
  --format   format of the snapshot, like DATA_FORMAT: '{"label": "churned"}'`;

interface Arguments {
  readonly path: string;
  readonly model?: string | undefined;
  readonly format?: string | undefined;
}

const given = readArguments();
if (given === undefined) {
  console.error(USAGE);
  process.exitCode = 2;
} else
  await binsOf(given).then(console.log, (error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  });

async function binsOf({ path, model, format }: Arguments): Promise<string> {
  return unpinnedReferenceBins(path, {
    format: format === undefined ? undefined : await readFormat(format),
    signature: model === undefined ? undefined : await signatureOfModel(model),
  });
}

/** Undefined if the arguments do not match the usage. */
function readArguments(): Arguments | undefined {
  try {
    const options = { format: { type: "string" }, model: { type: "string" } } as const;
    const { values, positionals } = parseArgs({ options, allowPositionals: true });
    const [path, ...more] = positionals;
    return path !== undefined && more.length === 0 ? { path, ...values } : undefined;
  } catch {
    return undefined;
  }
}
