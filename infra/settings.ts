import { z } from "zod";
import { keyProblem } from "../training/gate/nearest-key.ts";
import { policySchema } from "../training/gate/policy.ts";

const port = z
  .int("must be a whole number")
  .min(1, "must be between 1 and 65535")
  .max(65535, "must be between 1 and 65535");
const path = z.string().min(1, "must not be empty");
/** `pulumi config set promotion.version 1` makes a number of it. */
const version = z
  .union([z.string(), z.int()])
  .transform(String)
  .pipe(z.string().regex(/^\d+$/, "must be a version number"));

/** Every key of the stack's config, except the secrets mlflowUsername, mlflowPassword and mlflowToken. */
const schema = z
  .strictObject({
    /** Which of the two programs this stack is. */
    environment: z.enum(["staging", "production"]),
    /** Where things run. */
    target: z.enum(["local", "docker", "kubernetes"]),
    /** Registered model's name. */
    modelName: z.string().regex(/^[A-Za-z0-9][\w.-]*$/, "must be letters, digits, dots, dashes and underscores"),
    mlflow: z.strictObject({
      /** An existing server; without it staging describes one. */
      trackingUri: z.url({ protocol: /^https?$/, error: "must be an http or https URL" }).optional(),
      /** Stack whose output `trackingUri` production takes. */
      stack: z.string().optional(),
      port: port.default(5050),
    }),
    data: z.strictObject({ training: path, evaluation: path, reference: path.optional() }),
    training: z.strictObject({
      /** Any program that keeps the trainer's contract. */
      command: path.default("node training/train.ts"),
      /** Files and folders (not their subfolders) whose change means a new training. */
      sources: z.array(path).default(["training"]),
      /** Passed on as TRAINING_PARAMS. */
      params: z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])).default({}),
    }),
    /** Left empty where nothing is trained. */
    gate: z.preprocess((gate) => (isEmpty(gate) ? undefined : gate), policySchema.optional()),
    service: z.strictObject({
      port,
      /** Bound for the 95th percentile of single-row requests, milliseconds. */
      maxLatencyMs: z.number().positive("must be more than 0").default(100),
    }),
    promotion: z.strictObject({ version: version.optional() }),
    local: z.strictObject({
      /** Folder for the MLflow server's data, models, logs. */
      dataFolder: path.default(".local"),
      /** Folder of the Python environment that the MLflow server runs in. */
      pythonVenv: path.default(".venv"),
    }),
  })
  .superRefine(({ environment, gate, mlflow }, context) => {
    const missing = (key: string, message: string) =>
      context.addIssue({ code: "custom", path: key.split("."), message, input: undefined });
    if (environment === "staging" && !gate) missing("gate.accuracy.min", "is missing: staging needs a quality gate");
    if (environment === "production" && !mlflow.trackingUri && !mlflow.stack)
      missing("mlflow.trackingUri", "is missing: production needs the registry's URL, or mlflow.stack to take it from");
  });

export type Settings = z.infer<typeof schema>;
export type StagingSettings = Settings & { readonly gate: NonNullable<Settings["gate"]> };

const isEmpty = (value: unknown) => value instanceof Object && Object.keys(value).length === 0;

/** The keys of the schema, in its order. */
export const settingKeys = Object.keys(schema.shape) as (keyof Settings)[];

/**
 * Checks a stack's config.
 * @param raw values by key, objects parsed
 * @param stack name of the stack, for the message
 * @throws Error that names every wrong key, its value and the command that sets it
 */
export function parseSettings(raw: Readonly<Record<string, unknown>>, stack: string): Settings {
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => {
    if (issue.code === "unrecognized_keys")
      return issue.keys.map((key) => `${keyProblem(schema, issue.path, key)} (stack ${stack})`).join("\n");
    const key = issue.path.join(".");
    const got = valueAt(raw, issue.path);
    const value = got === undefined ? "" : `, got ${JSON.stringify(got)}`;
    const expected = issue.code === "invalid_type" ? `must be ${article(issue.expected)}` : issue.message;
    const what = got === undefined && issue.code !== "custom" ? "is missing" : expected;
    return `${key} ${what}${value} (stack ${stack}). Set it with: pulumi config set --path ${key} <value>`;
  });
  throw new Error(problems.join("\n"));
}

const article = (type: string) => (/^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`);

function valueAt(raw: unknown, path: readonly PropertyKey[]): unknown {
  let value = raw;
  for (const key of path) value = (value as Record<PropertyKey, unknown> | undefined | null)?.[key];
  return value;
}
