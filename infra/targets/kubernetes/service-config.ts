import * as pulumi from "@pulumi/pulumi";
import { STAGES } from "../../../registry/evidence.ts";
import type { ServiceArgs } from "../target.ts";
import { configMap, type NamedObject, secret } from "./hashed-config.ts";
import { SERVICE_PORT } from "./labels.ts";
import type { StackScope } from "./stack-scope.ts";

interface ConfigArgs {
  readonly prefix: string;
  readonly labels: Record<string, string>;
}

/** Creates the ConfigMap of the service's plain settings. The model's identity is in the pod, because each track has its own. */
export function serviceConfig(
  name: string,
  args: ConfigArgs & Pick<ServiceArgs, "environment" | "gatePublicKey" | "page">,
  scope: StackScope,
  opts: pulumi.CustomResourceOptions,
): NamedObject {
  const { page } = args;
  const values = pulumi.all([page?.driftReference ?? "", page?.contract?.text ?? ""]).apply(([bins, contract]) => ({
    MODEL_STAGE: STAGES[args.environment],
    HOST: "0.0.0.0",
    PORT: String(SERVICE_PORT),
    ...(bins !== "" && { DRIFT_REFERENCE: bins }),
    ...(contract !== "" && { DATA_CONTRACT: contract, DATA_CONTRACT_MODE: page?.contract?.mode ?? "count" }),
    ...(page?.otherUrl !== undefined && { OTHER_URL: page.otherUrl }),
    ...scope.settings.service.environment,
    // Last, so that no custom variable disables the check.
    ...(args.gatePublicKey !== undefined && { GATE_PUBLIC_KEY: args.gatePublicKey }),
  }));
  return configMap(name, { prefix: args.prefix, labels: args.labels, values }, scope, opts);
}

/** Creates the Secrets whose keys are environment variables: the callers' token, if configured. */
export function serviceSecrets(
  name: string,
  { apiToken, ...args }: ConfigArgs & Pick<ServiceArgs, "apiToken">,
  scope: StackScope,
  opts: pulumi.CustomResourceOptions,
): NamedObject[] {
  return apiToken ? [secret(name, { ...args, values: { API_TOKEN: apiToken } }, scope, opts)] : [];
}
