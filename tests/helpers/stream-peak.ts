// Streams a snapshot in its own process: stream-peak.ts <path>. Prints {"rows", "sum", "batches", "peakMiB"} as JSON.
import { streamTable } from "../../data/reader/read-table.ts";

const [path = ""] = process.argv.slice(2);
let sum = 0;
let batches = 0;
const options = { others: "numbers", label: { kind: "open-classes" }, verify: () => {} } as const;
const { rows } = await streamTable(path, options, ({ table, truth }) => {
  batches++;
  for (let row = 0; row < table.rows; row++) {
    sum += truth.classes[truth.codes[row] as number] as number;
    let whole = 0;
    for (const column of table.columns)
      if (column.kind === "number") whole += column.data[column.offset + row * column.stride] as number;
    sum += whole;
  }
});
const peakMiB = process.resourceUsage().maxRSS / 1024;
process.stdout.write(JSON.stringify({ rows, sum, batches, peakMiB }));
