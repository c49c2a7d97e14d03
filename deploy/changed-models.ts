import { listStacks } from "./stack-file.ts";

/** Paths that every model's update runs or reads: a change there affects all models. */
const SHARED = [
  "data/",
  "dynamic/",
  "infra/",
  "policy/",
  "registry/",
  "service/",
  "training/",
  "examples/contract.py",
  "examples/requirements.txt",
  "package-lock.json",
  "Pulumi.yaml",
];

/** The sample's stacks are `staging` and `production`, without a prefix. */
export const SAMPLE = "";
const SAMPLE_FOLDER = "churn";

/** One entry of a workflow's matrix. */
export interface MatrixEntry {
  /** Prefix of the model's stacks; empty for the sample. */
  readonly model: string;
  readonly stack: string;
}

export const stagingStackOf = (model: string): string => (model === SAMPLE ? "staging" : `${model}-staging`);

/** Returns the models that have a staging stack, from stack names. */
export const modelsIn = (stacks: readonly string[]): string[] =>
  stacks.flatMap((stack) => (stack === "staging" ? [SAMPLE] : (/^(.+)-staging$/.exec(stack)?.[1] ?? [])));

/**
 * Returns the models that changed files affect.
 * @param files paths from the root of the checkout, with `/`
 * @param models of the checkout, see modelsIn
 */
export function changedModels(files: readonly string[], models: readonly string[]): string[] {
  const isShared = (file: string) =>
    SHARED.some((path) => (path.endsWith("/") ? file.startsWith(path) : file === path));
  if (files.some(isShared)) return [...models];
  return models.filter((model) => files.some((file) => belongsTo(file, model)));
}

/** Compares whole names, because a change of `fraud-eu` does not affect `fraud`. */
function belongsTo(file: string, model: string): boolean {
  const prefix = model === SAMPLE ? "" : `${model}-`;
  const stackFiles = ["staging", "production"].map((environment) => `Pulumi.${prefix}${environment}.yaml`);
  return stackFiles.includes(file) || file.startsWith(`models/${model === SAMPLE ? SAMPLE_FOLDER : model}/`);
}

/**
 * Returns the matrix of the named model, or of the models that changed files affect.
 * @throws Error for a model without a staging stack, with the known ones
 */
export async function matrixOf(
  selection: { readonly model: string } | { readonly files: readonly string[] | undefined },
  folder = ".",
): Promise<MatrixEntry[]> {
  const known = modelsIn(await listStacks(folder));
  const entries = (models: readonly string[]) => models.map((model) => ({ model, stack: stagingStackOf(model) }));
  if ("files" in selection) return entries(selection.files ? changedModels(selection.files, known) : known);
  const { model } = selection;
  if (known.includes(model)) return entries([model]);
  const names = known.map((name) => name || "(empty: the sample)");
  throw new Error(
    `model ${JSON.stringify(model)} has no file Pulumi.${stagingStackOf(model)}.yaml: the models of this checkout are ` +
      `${names.join(", ") || "none"}. Create it with: npm run new`,
  );
}
