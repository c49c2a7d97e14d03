import { z } from "zod";
import { ABOUT_KEY, describeIssue, valueAt, withoutEchoes } from "../data/issue-messages.ts";
import { checkFormat, formatKeys } from "../data/reader/data-format.ts";
import { verificationKey } from "../registry/attestation/envelope.ts";
import { ADVISORY_ONLY, advisoryOnly } from "../training/gate/advisory-only.ts";
import { unknownKeyIn } from "../training/gate/nearest-key.ts";
import { policySchema } from "../training/gate/policy.ts";
import { SAMPLE_MODEL } from "../training/trainer-environment.ts";
import { hidePasswords, mlflowSettings, modelName, portSetting } from "./mlflow-settings.ts";
import { DOCKER_SECRETS, dockerSettings, imageSettings, missingDrivers } from "./targets/docker/docker-settings.ts";
import { canarySettings, kubernetesSettings } from "./targets/kubernetes/kubernetes-settings.ts";
import { LOCAL_DEFAULTS } from "./targets/local/mlflow-command.ts";

const BUILT_IN_TRAINER = "node training/train.ts";
const path = z.string().min(1, "must not be empty");
/** `pulumi config set promotion.version 1` stores a number. */
const version = z
  .union([z.string(), z.int()], "must be a version number")
  .transform(String)
  .pipe(z.string().regex(/^\d+$/, "must be a version number"));

const OVERRIDE_DAYS = 7;
/** Only the guard checks for expiry: an old override must not block the promotion of a version that needs none. */
const expires = z.iso
  .datetime({ offset: true, error: "must be a time with its zone, such as 2026-05-01T12:00:00Z" })
  .refine(
    (time) => !(Date.parse(time) > Date.now() + OVERRIDE_DAYS * 86_400_000),
    `must be within ${OVERRIDE_DAYS} days from now`,
  );

/** Pulumi requires every key that Pulumi.yaml declares without a default, so an empty object counts as not set. */
const noneIfEmpty = (value: unknown) =>
  value instanceof Object && Object.keys(value).length === 0 ? undefined : value;

function checkPublicKey(pem: string, context: z.RefinementCtx): void {
  try {
    verificationKey(pem, "it");
  } catch (error) {
    // Without the value: if someone mixes up the two keys, the private one must not end up in a log.
    context.addIssue({ code: "custom", message: `is refused: ${(error as Error).message}`, ...ABOUT_KEY });
  }
}

/** Every key of the stack's config, except the secrets mlflowUsername, mlflowPassword, mlflowToken and gateSigningKey. */
export const settingsSchema = z
  .strictObject({
    environment: z
      .enum(["staging", "production"], "must be staging or production")
      .describe("Environment that the stack deploys."),
    target: z
      .enum(["local", "docker", "kubernetes"], "must be local, docker or kubernetes")
      .describe("Where MLflow and the service run."),
    modelName: z
      .preprocess((name) => (name === "" ? undefined : name), modelName.default(SAMPLE_MODEL))
      .describe(
        "Name of the registered model. Default: `churn-model`, the sample; in production, the name of the stack in `mlflow.stack`.",
      ),
    mlflow: mlflowSettings,
    data: z
      .strictObject({
        pull: path.optional().describe("Command that fetches the snapshots before training, such as `dvc pull`."),
        training: path.describe(
          "Training snapshot: CSV, Parquet or a folder of Parquet files, with a DVC pointer beside it.",
        ),
        evaluation: path.describe("Snapshot that the gate evaluates the model on."),
        reference: path
          .optional()
          .describe("Reference snapshot for drift, used by the gate and by the services of both environments."),
        contract: z
          .union([path, z.record(z.string(), z.unknown())], "must be the path of a contract's file, or the contract")
          .optional()
          .describe("The data contract: a YAML or JSON file, or the contract itself."),
        ...formatKeys,
      })
      .superRefine(checkFormat),
    training: z.strictObject({
      version: version.optional().describe("A registered version to judge and serve instead of training one."),
      runner: z
        .enum(["command", "job"], "must be command or job")
        .optional()
        .describe("Where the trainer runs: on this machine, or as a Kubernetes Job. Default: `command`."),
      command: path.default(BUILT_IN_TRAINER).describe("The trainer: any program that follows the trainer contract."),
      sources: z
        .array(path)
        .default(["training"])
        .describe("Files and folders (without subfolders) whose changes trigger training."),
      params: z
        .record(z.string(), z.union([z.number(), z.string(), z.boolean()], "must be a number, a string, true or false"))
        .default({})
        .describe(
          "Parameters for the trainer, passed as `TRAINING_PARAMS`. The built-in trainer takes `C` and `maxIterations`.",
        ),
    }),
    gate: z
      .preprocess(noneIfEmpty, policySchema.optional())
      .describe("The quality gate's policy; staging requires at least one check."),
    service: z.strictObject({
      port: portSetting.describe("TCP port for callers."),
      maxLatencyMs: z
        .number()
        .positive("must be more than 0")
        .default(100)
        .describe("Maximum 95th percentile of single-row latency that the deployment check accepts, in milliseconds."),
      contract: z
        .enum(["count", "refuse"], "must be count or refuse")
        .optional()
        .describe(
          "Whether requests that violate the data contract are only counted (`count`) or also rejected (`refuse`). Default in staging: `count`.",
        ),
      otherUrl: z
        .url({ protocol: /^https?$/, error: "must be a URL such as http://127.0.0.1:8000" })
        .optional()
        .describe(
          "URL of the other environment's service, shown on this one's page. This service must be able to reach it.",
        ),
    }),
    gatePublicKey: z
      .preprocess(
        // Pulumi requires every key that Pulumi.yaml declares without a default.
        (key) => (key === "" ? undefined : key),
        z.string().superRefine(checkPublicKey).optional(),
      )
      .describe(
        "PEM of the Ed25519 public key. If it is set, production's guard and the services reject unsigned verdicts. The private key is staging's secret `gateSigningKey`.",
      ),
    promotion: z.strictObject({
      version: version
        .optional()
        .describe("Version that production serves. Default: the registry's Production version."),
      override: z
        .strictObject({
          version: version.describe("The only version that the override applies to."),
          reason: z
            .string()
            .trim()
            .min(1, "must say why")
            .describe("Reason for the override, recorded in the history."),
          who: z
            .string()
            .trim()
            .min(1, "must say who takes responsibility")
            .describe("Person who takes responsibility."),
          expires: expires.describe("Expiry time, at most 7 days ahead, such as `2026-05-01T12:00:00Z`."),
        })
        .optional()
        .describe("Lets one version pass the guard despite a failed check."),
      autoRollback: z
        .boolean("must be true or false")
        .optional()
        .describe(
          "Whether callers move back to the previous version if the new one fails its check after the switch. Default: `true` if the target supports it.",
        ),
    }),
    local: z.strictObject({
      dataFolder: path.default(LOCAL_DEFAULTS.dataFolder).describe("Folder for MLflow's data, models and logs."),
      pythonVenv: path.default(LOCAL_DEFAULTS.pythonVenv).describe("Folder of the MLflow server's Python environment."),
    }),
    image: imageSettings.prefault({}),
    docker: dockerSettings.prefault({}),
    kubernetes: kubernetesSettings.optional(),
    canary: z
      .preprocess(noneIfEmpty, canarySettings.optional())
      .describe("Canary trial of a new version on target kubernetes. There is none unless one of these keys is set."),
  })
  .superRefine(({ environment, gate, data, mlflow, target, training, kubernetes, promotion, canary }, context) => {
    const missing = (key: string, message: string) =>
      context.addIssue({ code: "custom", path: key.split("."), message, input: undefined, ...ABOUT_KEY });
    const cannot = cannotRollBack(target, canary !== undefined, promotion.autoRollback);
    if (cannot) missing("promotion.autoRollback", cannot);
    if (environment === "staging" && !gate) missing("gate.accuracy.min", "is missing: staging requires a quality gate");
    const unknown = data.classes && gate && unknownClass(gate.performance?.classes, data.classes);
    if (unknown !== undefined)
      missing(
        "gate.performance.classes",
        `names the class ${JSON.stringify(unknown)}, but data.classes has ${data.classes?.join(", ")}`,
      );
    const advisory = environment === "staging" && gate && advisoryOnly(gate, data.contract !== undefined);
    if (advisory) missing(`gate.${advisory}`, ADVISORY_ONLY);
    if (environment === "production" && !mlflow.trackingUri && !mlflow.stack)
      missing(
        "mlflow.trackingUri",
        "is missing: production requires the registry's URL, or mlflow.stack to take it from",
      );
    const drivers = target === "docker" && !mlflow.trackingUri && missingDrivers(mlflow);
    if (environment === "staging" && drivers) missing("mlflow.image", drivers);
    if (training.runner === "job" && (target !== "kubernetes" || !kubernetes?.training.image))
      missing(
        "kubernetes.training.image",
        "is missing: training.runner job requires target kubernetes and a trainer image",
      );
  });

/** Returns the first bounded class that the data does not have. Keys of the policy are texts. */
const unknownClass = (bounded: Readonly<Record<string, unknown>> | undefined, classes: readonly unknown[]) =>
  Object.keys(bounded ?? {}).find((name) => !classes.some((one) => String(one) === name));

/** Returns why the target does not support this `promotion.autoRollback`, or undefined if it does. */
function cannotRollBack(target: string, hasCanary: boolean, autoRollback: boolean | undefined): string | undefined {
  if (target === "docker" && autoRollback === false)
    return "cannot be false with target docker: its gateway always moves callers back";
  if (target === "kubernetes" && hasCanary && autoRollback === false)
    return "cannot be false with a canary: a failed canary never replaces the serving pods";
  if (target === "kubernetes" && !hasCanary && autoRollback === true)
    return "is not supported on target kubernetes without a canary, whose trial comes before the switch: configure canary";
  return undefined;
}

export type Settings = z.infer<typeof settingsSchema>;
export type StagingSettings = Settings & { readonly gate: NonNullable<Settings["gate"]> };

/** Keys that are read as secrets and are not part of the schema. */
export const SECRETS = ["mlflowUsername", "mlflowPassword", "mlflowToken", "gateSigningKey", ...DOCKER_SECRETS];

/** The keys of the schema, in its order. */
export const settingKeys = Object.keys(settingsSchema.shape) as (keyof Settings)[];

/**
 * Validates a stack's config.
 * @param raw values by key, objects parsed
 * @param stack name of the stack, for the message
 * @throws Error that names every wrong key, its value and the command that sets it
 */
export function parseSettings(raw: Readonly<Record<string, unknown>>, stack: string): Settings {
  const parsed = settingsSchema.safeParse(raw);
  if (parsed.success) return parsed.data;
  throw new Error(
    withoutEchoes(parsed.error.issues)
      .flatMap((issue) => problemsOf(issue, raw, stack))
      .join("\n"),
  );
}

type Issue = z.core.$ZodIssue;

function problemsOf(issue: Issue, raw: unknown, stack: string): string[] {
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownKey(issue.path, key, stack));
  const key = z.core.toDotPath(issue.path);
  const problem = describeIssue(key, issue, raw, hidePasswords);
  return [`${problem} (stack ${stack}). ${howToSet(issue, key, valueAt(raw, issue.path))}`];
}

/** `config set` stores JSON as text, so an object or list is set key by key. */
function howToSet(issue: Issue, key: string, got: unknown): string {
  const expected = issue.code === "invalid_type" ? issue.expected : undefined;
  const path = { object: `${key}.<key>`, record: `${key}.<key>`, array: `'${key}[0]'` }[String(expected)];
  if (path === undefined || got === undefined) return `Set it with: pulumi config set --path ${key} <value>`;
  return `Remove it and set its ${expected === "array" ? "items" : "keys"}: pulumi config rm --path ${key} && pulumi config set --path ${path} <value>`;
}

function unknownKey(path: readonly PropertyKey[], key: string, stack: string): string {
  const [first = ""] = key.split(".");
  // Without --path, `config set promotion.version 1` sets a single key that contains a dot.
  const needsPath = path.length === 0 && key !== first && settingKeys.some((known) => known === first);
  const { problem, nearest } = unknownKeyIn(settingsSchema, path, key, SECRETS);
  const hint = needsPath ? `Objects are set by path: pulumi config set --path ${key} <value>` : nearest;
  const at = z.core.toDotPath([...path, key]);
  // A key that contains a dot has brackets and quotes, which a shell would read itself.
  const remove = `Remove it with: pulumi config rm --path ${at.includes("[") ? `'${at}'` : at}`;
  return [`${problem} (stack ${stack})`, ...(hint ? [hint] : []), ...(needsPath ? [] : [remove])].join(". ");
}
