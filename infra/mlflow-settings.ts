import { z } from "zod";
import { serverOf, withoutUser } from "../registry/tracking-uri.ts";
import { BLOCKED_PORT, isBlockedPort } from "./ports.ts";
import { mlflowContainerSettings } from "./targets/docker/docker-settings.ts";
import { LOCAL_DEFAULTS } from "./targets/local/mlflow-command.ts";

/** A TCP port that callers can reach over HTTP. */
export const portSetting = z
  .int("must be a whole number")
  .min(1, "must be between 1 and 65535")
  .max(65535, "must be between 1 and 65535")
  .refine((number) => !isBlockedPort(number), BLOCKED_PORT);

/** Name of a registered model. */
export const modelName = z
  .string()
  .regex(/^[A-Za-z0-9][\w.-]*$/, "must be letters, digits, dots, dashes and underscores")
  // The experiment of that name holds another model's history: see historyExperiment.
  .refine((name) => !name.endsWith("-promotions"), "must not end with -promotions");

/** User and password in a URL. */
const USER_INFO = /\/\/[^/]*@/;

/** Forms of passwords in JSON, with what takes their place: `://user:password@`, `"user:password@`, `?password=`, `"password":`, PEM. */
const PASSWORDS = [
  // A password may contain slashes, although the URL is then invalid.
  [/\/\/[^"\s]*@/g, "//***@"],
  // The digest of an image follows an @, too.
  [/"[^"\s:/]{1,200}:(?!\/\/)[^"\s]*@(?!sha256:)/g, '"***@'],
  [/([?&;][a-z_-]{0,50}(?:password|passwd|pwd|token|secret|key)=)[^"&\s]*/gi, "$1***"],
  [/("[^"]{0,50}(?:password|passwd|pwd|token|secret)[^"]{0,50}"\s{0,9}:\s{0,9}\\?")(?:\\.|[^"\\])*/gi, "$1***"],
  [/-----BEGIN [A-Z ]{0,50}PRIVATE KEY[^"]*/g, "***"],
] as const;

/** Removes passwords and private keys from a setting's JSON, for errors. */
export const hidePasswords = (json: string): string =>
  PASSWORDS.reduce((text, [form, mark]) => text.replace(form, mark), json);

/** Config of the MLflow server, key `mlflow`. */
export const mlflowSettings = z.strictObject({
  trackingUri: z
    .string("must be an http or https URL")
    .trim()
    .pipe(z.url({ protocol: /^https?$/, error: "must be an http or https URL" }))
    // The URL is an output and is stored in the state as plain text.
    .refine(
      (uri) => !USER_INFO.test(uri),
      "must not contain a password{got}: use the secrets mlflowUsername and mlflowPassword",
    )
    .superRefine((uri, context) => {
      if (/[?#]/.test(uri))
        context.addIssue({
          code: "custom",
          message: `must be the server's URL, not the address of a page in the browser{got}. Use ${withoutUser(serverOf(uri))}`,
        });
    })
    .optional()
    .describe("URL of an existing MLflow server. If it is not set, staging deploys one."),
  stack: z
    .string()
    .optional()
    .describe(
      "Production: the staging stack whose output `trackingUri` is the registry, such as `organization/model-promotion/staging`.",
    ),
  port: portSetting.default(LOCAL_DEFAULTS.mlflowPort).describe("Port of the server that staging deploys."),
  ...mlflowContainerSettings,
});
