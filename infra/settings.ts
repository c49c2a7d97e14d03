import { z } from "zod";
import { checkFormat, formatKeys } from "../data/reader/data-format.ts";
import { verificationKey } from "../registry/attestation/envelope.ts";
import { serverOf, withoutUser } from "../registry/tracking-uri.ts";
import { issueWords, valueAt, withoutEchoes } from "../training/gate/issue-words.ts";
import { unknownKeyIn } from "../training/gate/nearest-key.ts";
import { policySchema } from "../training/gate/policy.ts";
import { BLOCKED_PORT, isBlockedPort } from "./blocked-port.ts";
import {
  DOCKER_SECRETS,
  dockerSettings,
  imageSettings,
  missingDrivers,
  mlflowContainerSettings,
} from "./targets/docker/docker-settings.ts";
import { canarySettings, kubernetesSettings } from "./targets/kubernetes/kubernetes-settings.ts";

const port = z
  .int("must be a whole number")
  .min(1, "must be between 1 and 65535")
  .max(65535, "must be between 1 and 65535")
  .refine((number) => !isBlockedPort(number), BLOCKED_PORT);
const path = z.string().min(1, "must not be empty");
/** `pulumi config set promotion.version 1` makes a number of it. */
const version = z
  .union([z.string(), z.int()], "must be a version number")
  .transform(String)
  .pipe(z.string().regex(/^\d+$/, "must be a version number"));

const OVERRIDE_DAYS = 7;
/** Whether it has expired is for the guard to say: an old one must not stop the promotion of a version that needs none. */
const expires = z.iso
  .datetime({ offset: true, error: "must be a time with its zone, such as 2026-05-01T12:00:00Z" })
  .refine(
    (time) => !(Date.parse(time) > Date.now() + OVERRIDE_DAYS * 86_400_000),
    `must be within ${OVERRIDE_DAYS} days from now`,
  );

/** Pulumi demands every key that Pulumi.yaml declares without a default: an empty object there is nothing that anybody has set. */
const noneIfEmpty = (value: unknown) =>
  value instanceof Object && Object.keys(value).length === 0 ? undefined : value;

const USER_INFO = /\/\/[^/]*@/;

function checkPublicKey(pem: string, context: z.RefinementCtx): void {
  try {
    verificationKey(pem, "it");
  } catch (error) {
    context.addIssue({ code: "custom", message: `is refused: ${(error as Error).message}` });
  }
}

/** Every key of the stack's config, except the secrets mlflowUsername, mlflowPassword, mlflowToken and gateSigningKey. */
const schema = z
  .strictObject({
    /** Which of the two programs this stack is. */
    environment: z.enum(["staging", "production"], "must be staging or production"),
    /** Where things run. */
    target: z.enum(["local", "docker", "kubernetes"], "must be local, docker or kubernetes"),
    /** Registered model's name. */
    modelName: z
      .string()
      .regex(/^[A-Za-z0-9][\w.-]*$/, "must be letters, digits, dots, dashes and underscores")
      // The experiment of that name holds another model's history: see historyExperiment.
      .refine((name) => !name.endsWith("-promotions"), "must not end with -promotions"),
    mlflow: z.strictObject({
      /** An existing server; without it staging describes one. */
      trackingUri: z
        .string("must be an http or https URL")
        .trim()
        .pipe(z.url({ protocol: /^https?$/, error: "must be an http or https URL" }))
        // It is an output and stands in the state as plain text.
        .refine(
          (uri) => !USER_INFO.test(uri),
          "must not hold a password: use the secrets mlflowUsername and mlflowPassword",
        )
        .superRefine((uri, context) => {
          if (/[?#]/.test(uri))
            context.addIssue({
              code: "custom",
              message: `must be the server's URL, not the address of a page in the browser: ${withoutUser(serverOf(uri))}`,
            });
        })
        .optional(),
      /** Stack whose output `trackingUri` production takes. */
      stack: z.string().optional(),
      port: port.default(5050),
      ...mlflowContainerSettings,
    }),
    data: z
      .strictObject({
        /** Command that fetches the snapshots before training, such as `dvc pull`. */
        pull: path.optional(),
        training: path,
        evaluation: path,
        reference: path.optional(),
        /** What the snapshots must be like: a YAML or JSON file, or the contract itself; see readContract. */
        contract: z
          .union([path, z.record(z.string(), z.unknown())], "must be the path of a contract's file, or the contract")
          .optional(),
        ...formatKeys,
      })
      .superRefine(checkFormat),
    training: z.strictObject({
      /** A registered version to judge and serve instead of training one: to compare it with the current champion, or to bring in an external model. */
      version: version.optional(),
      /** Where the trainer runs: a command on this machine (without it), or a Kubernetes Job. */
      runner: z.enum(["command", "job"], "must be command or job").optional(),
      /** Any program that keeps the trainer's contract. */
      command: path.default("node training/train.ts"),
      /** Files and folders (not their subfolders) whose change means a new training. */
      sources: z.array(path).default(["training"]),
      /** Passed on as TRAINING_PARAMS. */
      params: z
        .record(z.string(), z.union([z.number(), z.string(), z.boolean()], "must be a number, a text, true or false"))
        .default({}),
    }),
    /** Left empty where nothing is trained. */
    gate: z.preprocess(noneIfEmpty, policySchema.optional()),
    service: z.strictObject({
      port,
      /** Bound for the 95th percentile of single-row requests, milliseconds. */
      maxLatencyMs: z.number().positive("must be more than 0").default(100),
      /** What happens to a request that breaks the data contract: it is counted, or refused as well. Staging counts without it. */
      contract: z.enum(["count", "refuse"], "must be count or refuse").optional(),
      /** The other environment's service, shown beside this one on its page. */
      otherUrl: z.url({ protocol: /^https?$/, error: "must be a URL such as http://127.0.0.1:8000" }).optional(),
    }),
    /** PEM of the public key that gate verdicts must be signed with; the private half is the secret gateSigningKey. */
    gatePublicKey: z.preprocess(
      // Pulumi demands every key that Pulumi.yaml declares without a default.
      (key) => (key === "" ? undefined : key),
      z.string().superRefine(checkPublicKey).optional(),
    ),
    promotion: z.strictObject({
      version: version.optional(),
      /** Lets this one version pass the guard for some days. The history keeps it. */
      override: z
        .strictObject({
          version,
          reason: z.string().trim().min(1, "must say why"),
          /** Who answers for it. */
          who: z.string().trim().min(1, "must say who answers for it"),
          expires,
        })
        .optional(),
      /** Whether callers go back to the version before when a switch fails its verification. */
      autoRollback: z.boolean("must be true or false").optional(),
    }),
    local: z.strictObject({
      /** Folder for the MLflow server's data, models, logs. */
      dataFolder: path.default(".local"),
      /** Folder of the Python environment that the MLflow server runs in. */
      pythonVenv: path.default(".venv"),
    }),
    image: imageSettings.prefault({}),
    docker: dockerSettings.prefault({}),
    /** Of target kubernetes. */
    kubernetes: kubernetesSettings.optional(),
    /** Of target kubernetes. Left empty where a new version has no trial. */
    canary: z.preprocess(noneIfEmpty, canarySettings.optional()),
  })
  .superRefine(({ environment, gate, mlflow, target, training, kubernetes, promotion, canary }, context) => {
    const missing = (key: string, message: string) =>
      context.addIssue({ code: "custom", path: key.split("."), message, input: undefined });
    const cannot = cannotRollBack(target, canary !== undefined, promotion.autoRollback);
    if (cannot) missing("promotion.autoRollback", cannot);
    if (environment === "staging" && !gate) missing("gate.accuracy.min", "is missing: staging needs a quality gate");
    if (environment === "production" && !mlflow.trackingUri && !mlflow.stack)
      missing("mlflow.trackingUri", "is missing: production needs the registry's URL, or mlflow.stack to take it from");
    const drivers = target === "docker" && !mlflow.trackingUri && missingDrivers(mlflow);
    if (environment === "staging" && drivers) missing("mlflow.image", drivers);
    if (training.runner === "job" && (target !== "kubernetes" || !kubernetes?.training.image))
      missing(
        "kubernetes.training.image",
        "is missing: training.runner job needs target kubernetes and a trainer image",
      );
  });

/** Why the target cannot do what `promotion.autoRollback` asks for; undefined when it can. */
function cannotRollBack(target: string, hasCanary: boolean, asked: boolean | undefined): string | undefined {
  if (target === "docker" && asked === false)
    return "cannot be false with target docker: its gateway always moves callers back";
  if (target === "kubernetes" && hasCanary && asked === false)
    return "cannot be false with a canary: one that fails never takes the place of the pods that serve";
  if (target === "kubernetes" && !hasCanary && asked === true)
    return "is not built for target kubernetes without a canary, whose trial comes before the switch: configure canary";
  return undefined;
}

export type Settings = z.infer<typeof schema>;
export type StagingSettings = Settings & { readonly gate: NonNullable<Settings["gate"]> };

/** Keys that are read as secrets, and are no part of the schema. */
export const SECRETS = ["mlflowUsername", "mlflowPassword", "mlflowToken", "gateSigningKey", ...DOCKER_SECRETS];

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
  throw new Error(
    withoutEchoes(parsed.error.issues)
      .flatMap((issue) => tell(issue, raw, stack))
      .join("\n"),
  );
}

type Issue = z.core.$ZodIssue;

function tell(issue: Issue, raw: unknown, stack: string): string[] {
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownKey(issue.path, key, stack));
  const key = z.core.toDotPath(issue.path);
  const got = valueAt(raw, issue.path);
  // Whoever mixes up the two keys must not find the private one in a log.
  const isKey = key === "gatePublicKey";
  const value = got === undefined || isKey ? "" : `, got ${JSON.stringify(got).replace(USER_INFO, "//***@")}`;
  return [
    `${key} ${issueWords(issue, got)}${value} (stack ${stack}). Set it with: pulumi config set --path ${key} <value>`,
  ];
}

function unknownKey(path: readonly PropertyKey[], key: string, stack: string): string {
  const [first = ""] = key.split(".");
  // `config set promotion.version 1` makes one key with a dot in it.
  const forgotten = path.length === 0 && key !== first && settingKeys.some((known) => known === first);
  const { problem, nearest } = unknownKeyIn(schema, path, key, SECRETS);
  const hint = forgotten ? `Objects are set by path: pulumi config set --path ${key} <value>` : nearest;
  const remove = `Remove it with: pulumi config rm --path ${z.core.toDotPath([...path, key])}`;
  return [`${problem} (stack ${stack})`, ...(hint ? [hint] : []), ...(forgotten ? [] : [remove])].join(". ");
}
