import { unicodeEscape } from "../../data/printable.ts";
import type { DescribedData } from "./described-data.ts";
import { trainerText } from "./trainer-text.ts";

export const TRAINERS = ["python", "typescript"] as const;
export type Trainer = (typeof TRAINERS)[number];

/** A model to create. */
export interface NewModel {
  readonly name: string;
  readonly trainer: Trainer;
  readonly data: DescribedData;
  readonly rows: { readonly train: number; readonly evaluation: number };
  readonly ports: { readonly staging: number; readonly production: number };
  /** Port of the stack's own server, or the URL of a shared one. */
  readonly mlflow: { readonly port: number } | { readonly trackingUri: string };
}

export const stagingOf = (name: string): string => `${name}-staging`;
export const productionOf = (name: string): string => `${name}-production`;

/** Returns every file of the model except its data, by path in the checkout. */
export function modelFiles(model: NewModel): ReadonlyMap<string, string> {
  const { name, trainer, data } = model;
  const folder = `models/${name}`;
  return new Map([
    [`Pulumi.${stagingOf(name)}.yaml`, stagingFile(model)],
    [`Pulumi.${productionOf(name)}.yaml`, productionFile(model)],
    [`${folder}/README.md`, readme(model)],
    [`${folder}/data/.gitignore`, "/train.csv\n/evaluation.csv\n"],
    ...(trainer === "python" ? pythonFiles(name, data) : []),
  ]);
}

const pythonFiles = (name: string, data: DescribedData): [string, string][] => [
  [`models/${name}/train.py`, trainerText(name, data)],
  [`models/${name}/requirements.txt`, REQUIREMENTS],
];

const REQUIREMENTS = `# Packages of this trainer, in addition to examples/requirements.txt (MLflow's client, pandas, scikit-learn, skl2onnx). Pin what you add.
`;

/** JSON is valid YAML, except for the characters that YAML rejects as not printable, or reads as line breaks. */
const yaml = (value: unknown): string =>
  JSON.stringify(value).replace(/[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g, unicodeEscape);

function stagingFile(model: NewModel): string {
  const { name, data, mlflow, ports } = model;
  const { label, classes, positive, id, missing, decimal } = data;
  // The built-in trainer takes all columns that the format does not exclude.
  const ignored = model.trainer === "typescript" ? data.excluded.map((column) => column.name) : data.ignored;
  return `config:
  model-promotion:environment: staging
  model-promotion:target: local
  model-promotion:modelName: ${name}
  model-promotion:mlflow: ${yaml(mlflow)}
  model-promotion:service: { port: ${ports.staging} }
${trainingSection(model)}
  model-promotion:data:
    training: models/${name}/data/train.csv
    evaluation: models/${name}/data/evaluation.csv
    reference: models/${name}/data/train.csv
    label: ${yaml(label)}
${[
  ...(classes ? [`classes: ${yaml(classes)}`] : []),
  ...(positive === undefined ? [] : [`positive: ${yaml(positive)}`]),
  ...(id === undefined ? [] : [`id: ${yaml(id)}`]),
  ...(missing.length > 0 ? [`missing: ${yaml(missing)}`] : []),
  ...(decimal === "," ? [`csv: { decimal: "," }`] : []),
  ...(ignored.length > 0 ? [`ignore: ${yaml(ignored)}`] : []),
]
  .map((line) => `    ${line}\n`)
  .join("")}  # Initial bounds: better than guessing. Raise them to what the model must achieve.
  model-promotion:gate:
${policyLines(model)
  .map((line) => `    ${line}\n`)
  .join("")}`;
}

function trainingSection({ name, trainer, data }: NewModel): string {
  if (trainer === "typescript") return "  model-promotion:training: { params: { C: 1 } }";
  const folder = `models/${name}`;
  const requirements = ["examples/requirements.txt", `${folder}/requirements.txt`];
  return `  model-promotion:training:
    # The first training creates the Python environment; after a change of the requirements, the next training recreates it.
    command: node infra/targets/local/python-venv-cli.ts ${folder}/.venv ${requirements.join(" ")} && ${folder}/.venv/bin/python -m models.${name}.train
    sources: [examples/contract.py, ${folder}/train.py, ${folder}/requirements.txt]
    params: { ${data.task === "regression" ? "alpha" : "C"}: 1 }`;
}

function policyLines({ data: { task, classes = [] }, rows }: NewModel): string[] {
  const metric = { binary: "rocAuc", multiclass: "balancedAccuracy", regression: "r2" }[task];
  // Guessing reaches 0.5, 1 / number of classes, and 0.
  const min = { binary: 0.6, multiclass: Number((1.5 / classes.length).toFixed(2)), regression: 0.1 }[task];
  return [
    `task: ${task}`,
    `performance: { ${metric}: { min: ${min} } }`,
    "# Advisory, because a few rows cannot distinguish two models. Without `level`, a model worse than production's is blocked.",
    `champion: { first: pass, ${metric}: { margin: 0.05, level: advisory } }`,
    `schema: { signature: {}${task === "regression" ? "" : ", probabilitySum: { max: 0.00001 }"} }`,
    task === "regression"
      ? "parity: { difference: { max: 0.001, relative: 0.001 } }"
      : "parity: { flips: { max: 0 }, difference: { max: 0.001 } }",
    `data: { rows: { min: ${Math.ceil(rows.evaluation / 2)} }, leakage: { max: 0 }, drift: { psi: { max: 0.25, level: advisory } } }`,
  ];
}

const productionFile = ({ name, ports }: NewModel) => `config:
  model-promotion:environment: production
  model-promotion:target: local
  model-promotion:mlflow: { stack: organization/model-promotion/${stagingOf(name)} }
  model-promotion:service: { port: ${ports.production} }
`;

/** Returns the commands to run next. */
export function nextCommands({ name, ports }: Pick<NewModel, "name" | "ports">): string[] {
  const [staging, production] = [stagingOf(name), productionOf(name)];
  return [
    "mkdir -p ~/.promotion && export PULUMI_BACKEND_URL=file://$HOME/.promotion PULUMI_CONFIG_PASSPHRASE=choose-one",
    `for stack in ${staging} ${production}; do npx node packages/engine/cli.ts stack init $stack; done`,
    `npx node packages/engine/cli.ts up --yes --stack ${staging}   # trains, judges, serves on http://127.0.0.1:${ports.staging}/`,
    `npx node packages/engine/cli.ts up --yes --stack ${production} --config promotion.version=1 --config-path   # http://127.0.0.1:${ports.production}/`,
  ];
}

function readme(model: NewModel): string {
  const { name, data, rows, trainer } = model;
  const kind = {
    binary: "one of two classes",
    multiclass: `one of ${data.classes?.length} classes`,
    regression: "a number",
  };
  return `# ${name}

Predicts \`${data.label}\`, ${kind[data.task]}. ${rows.train} training rows, ${rows.evaluation} evaluation rows.

\`\`\`bash
${nextCommands(model).join("\n")}
\`\`\`

- The policy and all other settings of staging: [Pulumi.${stagingOf(name)}.yaml](../../Pulumi.${stagingOf(name)}.yaml).
- The trainer: ${trainer === "python" ? "[train.py](train.py). Change the model there, and add packages to [requirements.txt](requirements.txt)." : "the built-in one, [training/train.ts](../../training/train.ts)."}
- New data: replace \`data/*.csv\`, run \`dvc add data/train.csv data/evaluation.csv\` here, then \`up\`.${trainer === "python" ? " The model uses a new column once `train.py` lists it in `NUMBERS`, `BOOLEANS` or `TEXTS`." : ""}
- To share the data: \`dvc commit data/train.csv.dvc data/evaluation.csv.dvc && dvc push\`; git keeps only the pointers.
- Another target: \`pulumi config set target docker\` on both stacks, see [Docker](../../docs/targets/docker.md).
`;
}
