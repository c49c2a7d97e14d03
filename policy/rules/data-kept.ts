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

/** Resource options that prevent a config change from replacing the resource. */
interface KeptOptions {
  readonly protect: boolean;
  readonly ignoreChanges: readonly string[];
}

type Kept = Subject & { readonly opts: KeptOptions };

const VOLUME = "docker:index/volume:Volume";
const CLAIM = "kubernetes:core/v1:PersistentVolumeClaim";
const NAMESPACE = "kubernetes:core/v1:Namespace";

/** Properties whose change replaces the resource, by type. */
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
 * Requires resources that hold MLflow's data to be protected or to ignore the changes that would replace them. A policy cannot see
 * whether they are also retained on deletion (retainOnDelete); the project's tests check that.
 */
export function dataKept(resources: readonly Kept[]): string[] {
  return dataHolders(resources).flatMap(({ type, props, opts }) => {
    const replacing = (REPLACING[type] ?? []).filter((field) => !opts.ignoreChanges.includes(field));
    if (opts.protect || replacing.length === 0) return [];
    const name = text(props.name) || text(record(props.metadata).name);
    return [
      `${type.split(":").at(-1)} ${name} holds MLflow's data, but changing ${replacing.join(", ")} would replace it: add these to ignoreChanges, or protect the resource`,
    ];
  });
}

/** Selects the volumes and claims of MLflow servers, and the namespaces of those claims, which take them along when deleted. */
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

/** Returns the names of a server's volumes; claims are named `namespace/name`. */
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
