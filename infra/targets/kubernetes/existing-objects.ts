import { log } from "@pulumi/pulumi";
import { z } from "zod";
import { type ClusterApi, ClusterError, undefinedIfMissing } from "./cluster-api.ts";
import { adoptCommand } from "./setting-hints.ts";

/** Annotation with the owning stack, as `<project>/<stack>`. Objects of earlier releases lack it. */
export const OWNER = "model-promotion/stack";
/** For `ignoreChanges`, because objects of earlier releases lack it. */
export const OWNER_PATH = `metadata.annotations["${OWNER}"]`;
const MODEL_LABEL = "app.kubernetes.io/name";

const texts = z.record(z.string(), z.string()).default({});
const object = z.object({ metadata: z.object({ annotations: texts, labels: texts }) });
const managed = z.object({
  metadata: z.object({
    annotations: texts,
    labels: texts,
    managedFields: z.array(z.object({ manager: z.string().default("") })).default([]),
  }),
});
const environment = z.array(z.object({ name: z.string(), value: z.string().optional() })).default([]);
const deployment = object.extend({
  spec: z.object({ template: z.object({ spec: z.object({ containers: z.array(z.object({ env: environment })) }) }) }),
});

/** Existing objects with the names that the stack's objects will have; undefined if absent. */
export interface ExistingObjects {
  readonly namespace?: z.infer<typeof managed> | undefined;
  readonly service?: z.infer<typeof deployment> | undefined;
  readonly mlflow?: z.infer<typeof deployment> | undefined;
  /** Whether the namespace has a volume claim with MLflow's data. */
  readonly claim: boolean;
  /** Whether it has the server's NetworkPolicy, which an update creates together with the claim and a destroy deletes. */
  readonly serverPolicy: boolean;
}

interface Names {
  readonly namespace: string;
  /** Name of the service's Deployment. */
  readonly service: string;
  /** Name of MLflow's Deployment and claim. */
  readonly mlflow: string;
}

/** Reads the existing objects; undefined if the cluster does not respond. A warning then names context and kubeconfig, unlike the provider's own error. */
export async function readExistingObjects(api: ClusterApi, names: Names): Promise<ExistingObjects | undefined> {
  const { namespace, service, mlflow } = names;
  const read = async <Found>(schema: z.ZodType<Found>, path: string): Promise<Found | undefined> => {
    const found = await api.get(path).catch(undefinedIfMissing);
    return found === undefined ? undefined : schema.parse(JSON.parse(found));
  };
  const apps = `/apis/apps/v1/namespaces/${namespace}/deployments`;
  try {
    const [space, served, server, claim, policy] = await Promise.all([
      read(managed, `/api/v1/namespaces/${namespace}`),
      read(deployment, `${apps}/${service}`),
      read(deployment, `${apps}/${mlflow}`),
      read(object, `/api/v1/namespaces/${namespace}/persistentvolumeclaims/${mlflow}`),
      read(object, `/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies/${mlflow}`),
    ]);
    return {
      namespace: space,
      service: served,
      mlflow: server,
      claim: claim !== undefined,
      serverPolicy: policy !== undefined,
    };
  } catch (error) {
    if (error instanceof ClusterError) {
      if (error.refusal === undefined) await log.warn(`the cluster cannot be reached: ${error.message}`);
      return undefined;
    }
    throw error;
  }
}

/**
 * Returns an error if the namespace to create already exists and no stack created it; Pulumi's own error would not name a remedy. Undefined if it does not
 * exist, or may belong to the stack: objects of earlier releases have no owner, but list Pulumi's provider among their managers.
 */
export function notCreatedHere({ namespace, service, mlflow }: ExistingObjects, name: string): string | undefined {
  if (!namespace || service || mlflow) return undefined;
  const { annotations, managedFields } = namespace.metadata;
  const byPulumi = managedFields.some(({ manager }) => manager.startsWith("pulumi-kubernetes"));
  if (annotations[OWNER] !== undefined || byPulumi) return undefined;
  return (
    `namespace ${name} already exists and was not created by a stack. ` +
    `To use it for this stack alone: pulumi config set --path kubernetes.existingNamespace ${name}. ` +
    `To share it with other workloads: pulumi config set --path kubernetes.namespace ${name}`
  );
}

/**
 * Returns an error if a destroy kept the claim that the stack would create, and its namespace. Undefined if the stack may have them in its state: an
 * update creates the server's NetworkPolicy together with the claim.
 * @param adopted what the config already names, or does not need
 */
export function keptByDestroy(
  { mlflow, claim, serverPolicy }: ExistingObjects,
  names: Names,
  adopted: { readonly namespace: boolean; readonly claim: boolean },
): string | undefined {
  const isAdopted = adopted.namespace && adopted.claim;
  if (!claim || mlflow || serverPolicy || isAdopted) return undefined;
  const take = adoptCommand({
    ...(!adopted.namespace && { namespace: names.namespace }),
    ...(!adopted.claim && { claim: names.mlflow }),
  });
  return (
    `namespace ${names.namespace} has the volume claim ${names.mlflow} with the data of an MLflow server that was destroyed. ` +
    `To reuse it: ${take}. To begin without it: kubectl --namespace ${names.namespace} delete persistentvolumeclaim ${names.mlflow}`
  );
}

/** Returns the commands that transfer the objects to a stack that was renamed. */
function handOver({ namespace, service, mlflow }: ExistingObjects, names: Names, stack: string): string {
  const deployments = [service && names.service, mlflow && names.mlflow].filter((name) => name !== undefined);
  const commands = [
    ...(namespace?.metadata.annotations[OWNER] === undefined ? [] : [`namespace/${names.namespace}`]),
    ...deployments.map((name) => `deployment/${name} --namespace ${names.namespace}`),
  ].map((object) => `kubectl annotate ${object} ${OWNER}=${stack} --overwrite`);
  return `If that is the former name of this stack: ${commands.join(" && ")}`;
}

interface Tenant {
  readonly stack: string;
  readonly modelName: string;
  /** Label value of the model. */
  readonly modelLabel: string;
  /** Whether the stack runs its own MLflow server. */
  readonly hasServer: boolean;
}

/** Returns an error if these names belong to another stack or model. */
export function usedByOther(existing: ExistingObjects, names: Names, tenant: Tenant): string | undefined {
  const { namespace, service, mlflow } = names;
  const owner = (found: z.infer<typeof object> | undefined) => found?.metadata.annotations[OWNER];
  const isOthers = (found: z.infer<typeof object> | undefined) => ![undefined, tenant.stack].includes(owner(found));
  const remedy = "Set another namespace: pulumi config set --path kubernetes.namespace <namespace>";
  const renamed = handOver(existing, names, tenant.stack);
  if (isOthers(existing.namespace))
    return `namespace ${namespace} belongs to stack ${owner(existing.namespace)}. ${remedy}. ${renamed}`;
  if (isOthers(existing.service))
    return `Deployment ${service} in namespace ${namespace} belongs to stack ${owner(existing.service)}. ${remedy}. ${renamed}`;
  const served = existing.service?.spec.template.spec.containers
    .flatMap(({ env }) => env)
    .find(({ name }) => name === "MODEL_NAME")?.value;
  // Two model names may map to the same object name: Churn_Model and churn-model.
  if (owner(existing.service) === undefined && served !== undefined && served !== tenant.modelName)
    return `Deployment ${service} in namespace ${namespace} serves another model, ${served}. ${remedy}`;
  if (!tenant.hasServer) return undefined;
  const registry = `${remedy}, or use that registry: mlflow.trackingUri`;
  if (isOthers(existing.mlflow))
    return `Deployment ${mlflow} in namespace ${namespace} belongs to stack ${owner(existing.mlflow)}. ${registry}`;
  const model = existing.mlflow?.metadata.labels[MODEL_LABEL];
  if (owner(existing.mlflow) === undefined && model !== undefined && model !== tenant.modelLabel)
    return `Deployment ${mlflow} in namespace ${namespace} belongs to a stack of another model, ${model}. ${registry}`;
  return undefined;
}
