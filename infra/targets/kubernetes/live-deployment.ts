import { z } from "zod";
import type { ClusterApi } from "./cluster-api.ts";
import { conditions } from "./pod-problems.ts";

const count = z.int().default(0);
const liveDeployment = z.looseObject({
  metadata: z.looseObject({ generation: count, uid: z.string().optional() }),
  spec: z.looseObject({
    replicas: z.int().default(1),
    paused: z.boolean().optional(),
    selector: z.looseObject({ matchLabels: z.record(z.string(), z.string()) }),
    template: z.record(z.string(), z.unknown()).default({}),
  }),
  status: z
    .looseObject({
      observedGeneration: count,
      replicas: count,
      updatedReplicas: count,
      availableReplicas: count,
      conditions,
    })
    .prefault({}),
});
export type LiveDeployment = z.infer<typeof liveDeployment>;

export interface DeploymentNames {
  readonly namespace: string;
  readonly deployment: string;
}

export const deploymentPath = ({ namespace, deployment }: DeploymentNames): string =>
  `/apis/apps/v1/namespaces/${namespace}/deployments/${deployment}`;

/** Reads a Deployment. @throws ClusterError */
export const readDeployment = async (api: ClusterApi, names: DeploymentNames): Promise<LiveDeployment> =>
  liveDeployment.parse(JSON.parse(await api.get(deploymentPath(names))));

/** Computes the rollout's progress like `kubectl rollout status`: done when all new pods are available and the old ones are gone. */
export function progress({ metadata, spec, status }: LiveDeployment): { done: boolean; available: string } {
  const { observedGeneration, replicas, updatedReplicas, availableReplicas } = status;
  const seen = observedGeneration >= metadata.generation;
  // The old pods become available first.
  const updated = Math.max(0, availableReplicas - (replicas - updatedReplicas));
  return {
    done: seen && updatedReplicas >= spec.replicas && replicas === updatedReplicas && availableReplicas >= replicas,
    available: `${seen ? updated : 0} of ${spec.replicas} new pods are available${
      replicas > updatedReplicas ? `, ${replicas - updatedReplicas} of the previous version still exist` : ""
    }`,
  };
}

/** A Deployment as the program describes it. */
export interface WantedPods {
  readonly template?: object | undefined;
  /** Minimum number of pods; an autoscaler may have added more. */
  readonly replicas?: number | undefined;
  /** Whether `replicas` is also the maximum, as for a server with a database that has one writer. */
  readonly isFixed?: boolean | undefined;
}

/**
 * Describes why a Deployment's pods are not those that the program describes; undefined if they are. Ignores pods that an autoscaler has just added or
 * a node has just lost, as long as others of the same template serve.
 */
export function rolloutProblem(live: LiveDeployment, wanted: WantedPods): string | undefined {
  const { metadata, spec, status } = live;
  const different = deploymentDrift(live, wanted);
  if (different !== undefined) return different;
  if (status.observedGeneration < metadata.generation) return "it was changed and is not rolled out yet";
  if (status.replicas > status.updatedReplicas)
    return `its rollout is not complete: ${status.replicas - status.updatedReplicas} pods of another version still exist`;
  if (spec.replicas > 0 && status.availableReplicas === 0) return `none of its ${spec.replicas} pods is available`;
  return undefined;
}

/** An autoscaler leaves a Deployment of 0 pods alone. */
const isOff = ({ spec }: LiveDeployment, { replicas = 0 }: WantedPods): boolean => spec.replicas === 0 && replicas > 0;

/** Two MLflow servers on one SQLite file would lock each other out, or lose data. */
const isTooLarge = ({ spec }: LiveDeployment, { replicas, isFixed }: WantedPods): boolean =>
  isFixed === true && replicas !== undefined && spec.replicas > replicas;

/** Returns the spec that the program wants, and how the live one differs; undefined if it does not. */
export function restored(live: LiveDeployment, wanted: WantedPods): { readonly spec: object; readonly why?: string } {
  const { spec } = live;
  const why = deploymentDrift(live, wanted);
  if (why === undefined) return { spec };
  const replicas = isOff(live, wanted) || isTooLarge(live, wanted) ? wanted.replicas : spec.replicas;
  return {
    spec: {
      ...spec,
      replicas,
      paused: false,
      template: wanted.template ? withOthers(wanted.template, spec.template) : spec.template,
    },
    why,
  };
}

/** Keeps the live annotations of the pods, which others set, such as a manual restart. */
function withOthers(wanted: object, live: object): object {
  const [ours, theirs] = [wanted, live].map(
    (template) => (template as { metadata?: Readonly<Record<string, unknown>> }).metadata,
  );
  return {
    ...wanted,
    metadata: { ...ours, ...(theirs?.annotations !== undefined && { annotations: theirs.annotations }) },
  };
}

/** Describes what others have changed: the number of pods, a pause, the pods' template. Undefined if nothing. */
export function deploymentDrift(live: LiveDeployment, wanted: WantedPods): string | undefined {
  if (isOff(live, wanted))
    return `it is scaled to 0 pods, so nothing serves; the program wants at least ${wanted.replicas}`;
  if (isTooLarge(live, wanted))
    return `it is scaled to ${live.spec.replicas} pods; the program wants ${wanted.replicas}`;
  if (live.spec.paused) return "it is paused";
  const other = podDifference(live, wanted);
  return other === undefined ? undefined : `its pods differ from the program: ${other}`;
}

/** Describes the first difference between the live pods and the program's; undefined if there is none, or if the program's are unknown. */
export const podDifference = ({ spec }: LiveDeployment, { template }: WantedPods): string | undefined =>
  template && firstDifference(template, spec.template, "");

const MAX_CHARACTERS = 80;
const format = (value: unknown): string => (JSON.stringify(value) ?? "nothing").slice(0, MAX_CHARACTERS);
/** The API server omits empty values. */
const isEmpty = (value: unknown) =>
  value === undefined || value === null || value === "" || value === false || value === 0;

/** Fields of a container that change what runs in it. The API server fills in none of them. */
const NEVER_ADDED = ["command", "args", "workingDir", "env", "envFrom", "lifecycle", "volumeMounts"] as const;
/** Lists of a container that must not get additions: a variable can replace a token or load other code, a mount can hide files of the image. */
const CLOSED_LISTS = [".env", ".volumeMounts"] as const;
const HOOKS = ["postStart", "preStop"] as const;

/**
 * Finds the first field in which the live object lacks or contradicts the wanted one. Ignores additions by others, such as an injected container,
 * unless they change what the program's containers run: a command, a variable, a mount, an init container.
 */
function firstDifference(wanted: unknown, live: unknown, path: string): string | undefined {
  if (isEmpty(wanted) && isEmpty(live)) return undefined;
  if (Array.isArray(wanted) && Array.isArray(live)) {
    const byName = wanted.every((one) => nameOf(one) !== undefined);
    if (!byName && wanted.length !== live.length) return `${path} is ${format(live)}, not ${format(wanted)}`;
    for (const [index, one] of wanted.entries()) {
      const name = nameOf(one);
      const found = byName ? live.filter((other) => nameOf(other) === name) : [live[index]];
      // The last of two variables with the same name takes effect. A volume may have several mounts.
      if (found.length > 1 && path.endsWith(".env")) return `${path}[${name}] is set ${found.length} times`;
      const different = firstDifference(one, found[0], `${path}[${name ?? index}]`);
      if (different !== undefined) return different;
    }
    const isClosed = CLOSED_LISTS.some((list) => path.endsWith(list));
    const names = new Set(wanted.map(nameOf));
    const added =
      isClosed && live.length > wanted.length
        ? (live.find((one) => !names.has(nameOf(one))) ?? live.at(-1))
        : undefined;
    return added && `${path} has ${format(added)}, which the program does not set`;
  }
  if (isObject(wanted) && isObject(live)) {
    for (const [key, value] of Object.entries(wanted)) {
      const different = firstDifference(value, live[key], path === "" ? key : `${path}.${key}`);
      if (different !== undefined) return different;
    }
    const closed = closedFields(wanted, path);
    const added = closed.find((key) => !(key in wanted) && !isEmpty(live[key]));
    return added && `${path}.${added} is ${format(live[added])}, which the program does not set`;
  }
  return wanted === live || isSameQuantity(wanted, live)
    ? undefined
    : `${path} is ${format(live)}, not ${format(wanted)}`;
}

function closedFields(wanted: object, path: string): readonly string[] {
  if ("image" in wanted) return NEVER_ADDED;
  if (path.endsWith(".lifecycle")) return HOOKS;
  return "containers" in wanted ? ["initContainers", "hostNetwork", "hostPID", "runtimeClassName"] : [];
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const nameOf = (value: unknown): string | undefined =>
  isObject(value) && typeof value.name === "string" ? value.name : undefined;

const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
};

/** The API server normalizes 0.5 to 500m. */
function isSameQuantity(one: unknown, other: unknown): boolean {
  const [a, b] = [one, other].map((value) => {
    const [, number, unit = ""] = /^(\d+(?:\.\d+)?)([mkMGTP]|[KMGTP]i)?$/.exec(String(value)) ?? [];
    return number === undefined ? undefined : Number(number) * (UNITS[unit] ?? Number.NaN);
  });
  return a !== undefined && b !== undefined && Math.abs(a - b) < 1e-9 * Math.max(a, b, 1);
}
