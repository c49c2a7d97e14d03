import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { ContractCheck } from "../../../data/contract/contract-check.ts";
import { readFormat } from "../../../data/reader/data-format.ts";
import { readSnapshotData, type SnapshotData } from "../../snapshot.ts";
import { judgeFindings } from "../checks/contract.ts";
import { readStackGate } from "../stack-file.ts";
import { contractText } from "./contract-text.ts";
import { contractOf, learnContract, MARGIN } from "./learn-contract.ts";
import { loadContract, parseContract } from "./parse-contract.ts";

const USAGE = `usage: npm run contract -- (--stack <name> | --data <file>) [--out <file>] [--margin <times>] [--force]
       npm run contract -- --check <contract> [--stack <name> | --data <file>]
  Learns a data contract from the stack's data.reference (else data.training), or from --data, and writes it as YAML.
  --out      output file (default: the stack's data.contract, else models/<model>/contract.yaml if the model has that folder,
             else contract.yaml); - prints it
  --margin   how far ranges extend beyond the snapshot's values, as a multiple of the distance from median to end (default: ${MARGIN})
  --format   format of the snapshot (default: the stack's): JSON like DATA_FORMAT, such as '{"label": "churned"}', or @<file>
  --force    overwrites an existing file
  --check    validates a contract; with --stack (data.evaluation) or --data, also finds rows that violate it
  --cwd      folder of the project's stack files (default: the current folder)
  Exit code: 0 success, 1 rows violate the contract, 2 error.`;

const options = {
  stack: { type: "string", short: "s" },
  data: { type: "string" },
  out: { type: "string" },
  margin: { type: "string" },
  format: { type: "string" },
  check: { type: "string" },
  cwd: { type: "string" },
  force: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

type Values = ReturnType<typeof parseArgs<{ options: typeof options }>>["values"];
type StackGate = Awaited<ReturnType<typeof readStackGate>>;
type StackData = StackGate["data"] & Pick<StackGate, "modelName">;

async function main(): Promise<number> {
  const { values } = parseArgs({ options });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const stack = await stackData(values);
  return values.check === undefined ? learn(values, stack) : check(values.check, values, stack);
}

async function stackData({ stack, cwd = ".", format }: Values): Promise<StackData> {
  const given = format === undefined ? undefined : await readFormat(format);
  if (stack === undefined) return given ? { format: given } : {};
  const { data, modelName } = await readStackGate(
    join(cwd, `Pulumi.${stack.split("/").at(-1)}.yaml`),
    join(cwd, "Pulumi.yaml"),
  );
  return { ...data, ...(modelName !== undefined && { modelName }), ...(given && { format: given }) };
}

async function learn({ stack: name, cwd, data, out, margin, force }: Values, stack: StackData): Promise<number> {
  const path = data ?? stack.reference ?? stack.training;
  if (path === undefined) throw new Error(`--data is missing, and --stack names no stack with a snapshot\n${USAGE}`);
  const multiple = margin === undefined ? MARGIN : Number(margin);
  if (!(multiple >= 0 && multiple < 1e6)) throw new Error(`--margin must be between 0 and 1000000, got ${margin}`);
  const target = out ?? (typeof stack.contract === "string" ? stack.contract : defaultFile(stack, cwd));
  if (target !== "-" && existsSync(target) && !force)
    throw new Error(`${target} already exists. Overwrite it with --force, or choose another file with --out`);
  const { md5, rows, table } = await read(path, stack);
  const learned = learnContract(table, multiple);
  const text = contractText(learned, { path: relative(".", path), md5, rows });
  parseContract(contractOf(learned), target);
  if (target === "-") process.stdout.write(text);
  else {
    await writeFile(target, text);
    console.error(
      `${target}: ${learned.columns.length} columns, learned from ${path}. Set it with: pulumi config set --path data.contract ${target}${name === undefined ? "" : ` --stack ${name}`}`,
    );
  }
  return 0;
}

/** Returns the file in the model's folder if it has one, because several models share a checkout. */
function defaultFile({ modelName }: StackData, cwd = "."): string {
  const folder = join("models", modelName ?? "");
  return modelName !== undefined && existsSync(join(cwd, folder))
    ? join(cwd, folder, "contract.yaml")
    : "contract.yaml";
}

async function check(file: string, { data }: Values, stack: StackData): Promise<number> {
  const contract = await loadContract(file, stack.format);
  const path = data ?? stack.evaluation;
  const columns = Object.keys(contract.columns).length;
  if (path === undefined) {
    console.log(`${file}: ${columns} columns, valid`);
    return 0;
  }
  const { table } = await read(path, stack);
  const checked = new ContractCheck(contract, stack.format?.csv?.decimal);
  checked.take(table);
  const result = judgeFindings({ name: "evaluation", path, ...checked.findings() }, {});
  console.log(result.detail);
  return result.outcome === "pass" ? 0 : 1;
}

/** Reads a file, which needs no DVC pointer, and computes the MD5 that goes into the contract. */
async function read(path: string, { format }: StackData): Promise<SnapshotData & { readonly md5: string }> {
  let md5 = "";
  const read = await readSnapshotData(path, { format, others: "any", label: { kind: "any" } }, (identity) => {
    md5 = identity.md5;
  });
  return { ...read, md5 };
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(`contract: ${error instanceof Error ? error.message : error}`);
    process.exitCode = 2;
  },
);
