import {
  DOCKER_CONTAINER,
  isMlflowContainer,
  isMlflowObject,
  list,
  podSpecs,
  record,
  type Subject,
  text,
} from "./rule.ts";

/** Options of a resource that say whether a change of its config may replace it. */
export interface KeptOptions {
  readonly protect: boolean;
  readonly ignoreChanges: readonly string[];
}

type Kept = Subject & { readonly opts: KeptOptions };

const VOLUME = "docker:index/volume:Volume";
const CLAIM = "kubernetes:core/v1:PersistentVolumeClaim";
const NAMESPACE = "kubernetes:core/v1:Namespace";

/** Each replaces its resource when it changes. */
const REPLACING: Readonly<Record<string, readonly string[]>> = {
  [VOLUME]: ["name", "driver", "driverOpts", "labels"],
  [CLAIM]: [
    "metadata.name",
    "metadata.namespace",
    "spec.accessModes",
    "spec.selector",
    "spec.storageClassName",
    "spec.volumeMode",
    "spec.volumeName",
  ],
  [NAMESPACE]: ["metadata.name"],
};

/**
 * Resources that hold MLflow's data are protected, or cannot be replaced by a change. A policy cannot see whether they are also kept on deletion
 * (retainOnDelete): the project's tests check that.
 */
export function dataKept(resources: readonly Kept[]): string[] {
  return dataHolders(resources).flatMap(({ type, props, opts }) => {
    const open = (REPLACING[type] ?? []).filter((field) => !opts.ignoreChanges.includes(field));
    if (opts.protect || open.length === 0) return [];
    const name = text(props.name) || text(record(props.metadata).name);
    return [
      `${type.split(":").at(-1)} ${name} holds MLflow's data, and a change of ${open.join(", ")} would replace it: list those in ignoreChanges, or protect it`,
    ];
  });
}

/** The volumes and claims of MLflow servers, and the namespaces of those claims: they take what is in them along. */
export function dataHolders<Resource extends Subject>(resources: readonly Resource[]): Resource[] {
  const volumes = new Set(resources.filter(isServer).flatMap(volumesOf));
  const claims = resources.filter(({ type, props }) => type === CLAIM && volumes.has(nameIn(props)));
  const namespaces = new Set(claims.map(({ props }) => text(record(props.metadata).namespace)));
  const isHolder = (resource: Resource) =>
    (resource.type === VOLUME && volumes.has(text(resource.props.name))) ||
    claims.includes(resource) ||
    (resource.type === NAMESPACE && namespaces.has(text(record(resource.props.metadata).name)));
  return resources.filter(isHolder);
}

const isServer = (subject: Subject) =>
  subject.type === DOCKER_CONTAINER ? isMlflowContainer(subject.props) : isMlflowObject(subject);

const nameIn = ({ metadata }: Subject["props"]) => {
  const { namespace, name } = record(metadata);
  return `${text(namespace)}/${text(name)}`;
};

/** Names of the volumes that a server has; of claims with their namespace. */
function volumesOf(subject: Subject): string[] {
  const { type, props } = subject;
  if (type === DOCKER_CONTAINER) return list(props.volumes).map((volume) => text(record(volume).volumeName));
  const namespace = text(record(props.metadata).namespace);
  return podSpecs(subject)
    .flatMap(({ volumes }) => list(volumes))
    .map((volume) => text(record(record(volume).persistentVolumeClaim).claimName))
    .filter((claim) => claim !== "")
    .map((claim) => `${namespace}/${claim}`);
}
