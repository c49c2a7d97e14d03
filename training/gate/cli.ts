import { join } from "node:path";
import { parseArgs } from "node:util";
import { readFormat } from "../../data/reader/data-format.ts";
import { askForStack, NAMING_USAGE, nameModel } from "../../deploy/named-model.ts";
import { engineNamed } from "../../deploy/pulumi-run.ts";
import { openTerminal } from "../../deploy/terminal.ts";
import type { Verdict } from "../../registry/evidence.ts";
import { accessFromEnvironment, MlflowClient } from "../../registry/mlflow-client.ts";
import { ADVISORY_ONLY, advisoryOnly } from "./advisory-only.ts";
import { loadContract } from "./contract/parse-contract.ts";
import { judge } from "./judge.ts";
import { parsePolicy } from "./policy.ts";
import { verdictLines } from "./report.ts";
import { readStackGate, requirePlain, type StackGate } from "./stack-file.ts";

const USAGE = `usage: npm run gate -- --version <number> (--stack <name> | --policy <file> --model <name>) [--data <file>] [--json]
  Runs the quality gate on a registered version without writing anything to the registry or to disk.
  --policy           policy file instead of the stack's, or together with --model; may be a Pulumi stack file
  --data             evaluation snapshot (default: the stack's, else Pulumi.yaml's); --training and --reference likewise
  --contract         data contract for the snapshots (default: the stack's data.contract)
  --format           format of the snapshots (default: the stack's): JSON like DATA_FORMAT, such as '{"label": "churned"}', or @<file>
  --json             prints the whole report, as the gate would log it
${NAMING_USAGE}
  Exit code: 0 passed, 1 failed, 2 inconclusive, 3 error.`;

const EXIT_CODES: Readonly<Record<Verdict, number>> = { passed: 0, failed: 1, inconclusive: 2 };
const EVALUATION_ERROR = 3;

const options = {
  version: { type: "string" },
  stack: { type: "string", short: "s" },
  policy: { type: "string" },
  model: { type: "string" },
  cwd: { type: "string" },
  engine: { type: "string", default: "pulumi" },
  data: { type: "string" },
  training: { type: "string" },
  reference: { type: "string" },
  contract: { type: "string" },
  format: { type: "string" },
  json: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

type Values = ReturnType<typeof parseArgs<{ options: typeof options }>>["values"];

async function main(): Promise<number> {
  const { values } = parseArgs({ options });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  if (!/^\d+$/.test(values.version ?? "")) throw new Error(`--version must be a version number\n${USAGE}`);
  const { gate, policyFile, modelName, trackingUri } = await findSubject(values);
  const evaluationData = values.data ?? gate.data.evaluation;
  if (!evaluationData)
    throw new Error(`--data is missing, and neither the stack file nor Pulumi.yaml sets it\n${USAGE}`);
  const contract = values.contract ?? gate.data.contract;
  const dataFormat = values.format === undefined ? gate.data.format : await readFormat(values.format);
  const policy = parsePolicy(requirePlain(gate.policy, "gate", policyFile), policyFile);
  const advisory = advisoryOnly(policy, contract !== undefined);
  if (advisory !== undefined) throw new Error(`${policyFile}: ${advisory} ${ADVISORY_ONLY}`);
  const client = new MlflowClient(accessFromEnvironment({ ...process.env, MLFLOW_TRACKING_URI: trackingUri }));
  console.error(
    `evaluating ${modelName} version ${values.version} of ${trackingUri} on ${evaluationData} with the policy in ${policyFile}`,
  );
  const report = await judge(client, {
    modelName,
    version: values.version ?? "",
    policy,
    evaluationData,
    trainingData: values.training ?? gate.data.training,
    referenceData: values.reference ?? gate.data.reference,
    ...(contract !== undefined && { contract: await loadContract(contract, dataFormat) }),
    dataFormat,
  });
  console.log(values.json ? JSON.stringify(report, null, 2) : verdictLines(report, policyFile));
  return EXIT_CODES[report.verdict];
}

interface Subject {
  readonly gate: StackGate;
  readonly policyFile: string;
  readonly modelName: string;
  readonly trackingUri: string;
}

/** Finds the named stack with its policy, or a policy file and the named model. */
async function findSubject({ stack, policy, model, cwd, engine }: Values): Promise<Subject> {
  const run = { engine: engineNamed(engine), cwd };
  const terminal = openTerminal();
  const stackName = stack ?? (policy === undefined ? await askForStack(cwd, terminal, isStaging, MISSING) : undefined);
  const projectFile = join(cwd ?? ".", "Pulumi.yaml");
  const own = policy === undefined ? undefined : await readStackGate(policy, projectFile);
  if (stackName === undefined) {
    const named = await nameModel({ model: model ?? own?.modelName }, run, terminal);
    return { gate: own ?? { data: {} }, policyFile: policy ?? "", ...named };
  }
  const named = await nameModel({ stack: stackName, model }, run, terminal);
  const stackFile = join(cwd ?? ".", `Pulumi.${stackName.split("/").at(-1)}.yaml`);
  const gate = await readStackGate(stackFile, projectFile);
  return { gate: { ...gate, policy: own ? own.policy : gate.policy }, policyFile: policy ?? stackFile, ...named };
}

const isStaging = ({ environment }: { environment: string }) => environment === "staging";
const MISSING = "--stack <name>, or --policy <file> together with --model <name> (or MODEL_NAME)";

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(`gate: ${error instanceof Error ? error.message : error}`);
    process.exitCode = EVALUATION_ERROR;
  },
);
