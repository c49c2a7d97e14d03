import { log } from "@pulumi/pulumi";
import { z } from "zod";
import { absent, type ClusterApi, ClusterError } from "./cluster-api.ts";
import { adoptCommand } from "./setting-hints.ts";

/** Annotation with the owning stack, as `<project>/<stack>`. Objects from earlier releases lack it. */
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
export interface ClusterLook {
  readonly namespace?: z.infer<typeof managed> | undefined;
  readonly service?: z.infer<typeof deployment> | undefined;
  readonly mlflow?: z.infer<typeof deployment> | undefined;
  /** Whether the namespace has a volume claim with MLflow's data. */
  readonly claim: boolean;
  /** Whether it has the server's NetworkPolicy, which an update creates with the claim, and a destroy deletes. */
  readonly serverPolicy: boolean;
}

interface Names {
  readonly namespace: string;
  /** Name of the service's Deployment. */
  readonly service: string;
  /** Name of MLflow's Deployment and claim. */
  readonly mlflow: string;
}

/** @returns undefined if the cluster does not answer; a warning names context and kubeconfig, which the provider's own error does not */
export async function lookAtCluster(api: ClusterApi, names: Names): Promise<ClusterLook | undefined> {
  const { namespace, service, mlflow } = names;
  const read = async <Found>(schema: z.ZodType<Found>, path: string): Promise<Found | undefined> => {
    const found = await api.get(path).catch(absent);
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
 * Why a stack cannot create its namespace: it exists and no stack created it. Pulumi's own error would not name a remedy. Undefined if it does not
 * exist, or may be the stack's: objects of earlier releases have no owner, but list Pulumi's provider among their managers.
 */
export function notCreatedHere({ namespace, service, mlflow }: ClusterLook, name: string): string | undefined {
  if (!namespace || service || mlflow) return undefined;
  const { annotations, managedFields } = namespace.metadata;
  const byPulumi = managedFields.some(({ manager }) => manager.startsWith("pulumi-kubernetes"));
  if (annotations[OWNER] !== undefined || byPulumi) return undefined;
  return (
    `namespace ${name} exists already and was not created by a stack. ` +
    `To use it for this stack alone: pulumi config set --path kubernetes.existingNamespace ${name}. ` +
    `To share it with other workloads: pulumi config set --path kubernetes.namespace ${name}`
  );
}

/**
 * Why a stack cannot create its claim, and its namespace: a destroy kept both. Undefined if the stack may have them in its state: an update creates the
 * server's NetworkPolicy at the same time as the claim.
 * @param adopted what the config already names, or does not need
 */
export function keptByDestroy(
  { mlflow, claim, serverPolicy }: ClusterLook,
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

/** For a stack that was renamed: the commands that give it its objects. */
function handOver({ namespace, service, mlflow }: ClusterLook, names: Names, stack: string): string {
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

/** Why a stack must not use these names: they belong to another stack or model. Undefined if it may. */
export function usedByOther(look: ClusterLook, names: Names, tenant: Tenant): string | undefined {
  const { namespace, service, mlflow } = names;
  const owner = (found: z.infer<typeof object> | undefined) => found?.metadata.annotations[OWNER];
  const isOthers = (found: z.infer<typeof object> | undefined) => ![undefined, tenant.stack].includes(owner(found));
  const wayOut = "Set another namespace: pulumi config set --path kubernetes.namespace <namespace>";
  const renamed = handOver(look, names, tenant.stack);
  if (isOthers(look.namespace))
    return `namespace ${namespace} belongs to stack ${owner(look.namespace)}. ${wayOut}. ${renamed}`;
  if (isOthers(look.service))
    return `Deployment ${service} in namespace ${namespace} belongs to stack ${owner(look.service)}. ${wayOut}. ${renamed}`;
  const served = look.service?.spec.template.spec.containers
    .flatMap(({ env }) => env)
    .find(({ name }) => name === "MODEL_NAME")?.value;
  // Two model names may map to the same object name: Churn_Model and churn-model.
  if (owner(look.service) === undefined && served !== undefined && served !== tenant.modelName)
    return `Deployment ${service} in namespace ${namespace} serves another model, ${served}. ${wayOut}`;
  if (!tenant.hasServer) return undefined;
  const registry = `${wayOut}, or use that registry: mlflow.trackingUri`;
  if (isOthers(look.mlflow))
    return `Deployment ${mlflow} in namespace ${namespace} belongs to stack ${owner(look.mlflow)}. ${registry}`;
  const model = look.mlflow?.metadata.labels[MODEL_LABEL];
  if (owner(look.mlflow) === undefined && model !== undefined && model !== tenant.modelLabel)
    return `Deployment ${mlflow} in namespace ${namespace} belongs to a stack of another model, ${model}. ${registry}`;
  return undefined;
}
