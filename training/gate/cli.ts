import { parseArgs } from "node:util";
import type { Verdict } from "../../registry/evidence.ts";
import { accessFromEnvironment, MlflowClient } from "../../registry/mlflow-client.ts";
import { judge } from "./judge.ts";
import { parsePolicy } from "./policy.ts";
import type { GateReport } from "./report.ts";
import { readStackGate } from "./stack-file.ts";

const USAGE = `usage: npm run gate -- --version <number> [--policy <file>] [--model <name>] [--data <file>] [--json]
  Judges a registered version as the quality gate does, and writes nothing: neither to the registry nor to disk.
  --policy   a policy, or a Pulumi stack file that has one (Pulumi.staging.yaml)
  --model    registered model (the stack's, else MODEL_NAME, else Pulumi.yaml's default)
  --data     evaluation snapshot (the stack's, else Pulumi.yaml's default); --training and --reference likewise
  --json     the whole report, as the gate would log it
  MLFLOW_TRACKING_URI (and _USERNAME, _PASSWORD, _TOKEN) name the registry.
  Exit code: 0 passed, 1 failed, 2 inconclusive, 3 could not be judged.`;

const EXIT_CODES: Readonly<Record<Verdict, number>> = { passed: 0, failed: 1, inconclusive: 2 };
const NOT_JUDGED = 3;

const options = {
  version: { type: "string" },
  policy: { type: "string", default: "Pulumi.staging.yaml" },
  model: { type: "string" },
  data: { type: "string" },
  training: { type: "string" },
  reference: { type: "string" },
  json: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

async function main(): Promise<number> {
  const { values } = parseArgs({ options });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  if (!/^\d+$/.test(values.version ?? "")) throw new Error(`--version must name a model version\n${USAGE}`);
  const stack = await readStackGate(values.policy);
  const report = await judge(new MlflowClient(accessFromEnvironment()), {
    modelName: required("--model", values.model ?? (process.env.MODEL_NAME || stack.modelName)),
    version: values.version ?? "",
    policy: parsePolicy(stack.policy, values.policy),
    evaluationData: required("--data", values.data ?? stack.data.evaluation),
    trainingData: values.training ?? stack.data.training,
    referenceData: values.reference ?? stack.data.reference,
  });
  console.log(values.json ? JSON.stringify(report, null, 2) : told(report, values.policy));
  return EXIT_CODES[report.verdict];
}

function required(option: string, value: string | undefined): string {
  if (value) return value;
  throw new Error(`${option} is not given, and neither the policy's file nor Pulumi.yaml says it\n${USAGE}`);
}

function told({ model, verdict, checks, evaluation }: GateReport, policy: string): string {
  const lines = checks.map(
    ({ outcome, required, detail }) => `  ${outcome.padEnd(12)} ${detail}${required ? "" : " (advisory)"}`,
  );
  const judged = `${evaluation.rows} rows of ${evaluation.path}, by the policy of ${policy}`;
  const head = `${model.name} version ${model.version}: gate ${verdict} on ${judged}`;
  return [head, ...lines, "  nothing was written"].join("\n");
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(`gate: ${error instanceof Error ? error.message : error}`);
    process.exitCode = NOT_JUDGED;
  },
);
