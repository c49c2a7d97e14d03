import { parseArgs } from "node:util";
import { readFormat } from "./format-flag.ts";
import { unpinnedReferenceBins } from "./reference-bins.ts";

const USAGE = `usage: npm run --silent drift-bins -- [--format <JSON or @file>] <snapshot> > bins.json
  Prints the bins of the snapshot's columns (CSV or Parquet), for DRIFT_REFERENCE of a service that you run by hand.
  --format   how it is written, as DATA_FORMAT: '{"label": "churned"}'`;

const [path, format] = readArguments();
if (path === undefined) {
  console.error(USAGE);
  process.exitCode = 2;
} else
  await binsOf(path, format).then(console.log, (error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  });

async function binsOf(path: string, format: string | undefined): Promise<string> {
  return unpinnedReferenceBins(path, format === undefined ? undefined : await readFormat(format));
}

/** No path where the arguments are not as the usage says. */
function readArguments(): [path?: string, format?: string] {
  try {
    const { values, positionals } = parseArgs({ options: { format: { type: "string" } }, allowPositionals: true });
    return positionals.length === 1 ? [positionals[0], values.format] : [];
  } catch {
    return [];
  }
}
