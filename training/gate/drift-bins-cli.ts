import { unpinnedReferenceBins } from "./reference-bins.ts";

const USAGE = `usage: npm run --silent drift-bins -- <snapshot.csv or .parquet> > bins.json
  Prints the bins of the snapshot's columns, for DRIFT_REFERENCE of a service that you run by hand.`;

const [path, ...more] = process.argv.slice(2);
if (path === undefined || more.length > 0 || path.startsWith("-")) {
  console.error(USAGE);
  process.exitCode = 2;
} else
  await unpinnedReferenceBins(path).then(console.log, (error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
