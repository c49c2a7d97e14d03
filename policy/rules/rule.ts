/** A resource as a policy sees it: its inputs, secrets as they are. */
export interface Subject {
  readonly type: string;
  readonly props: Readonly<Record<string, unknown>>;
}

/** Why a resource must not be; empty when it may. */
export type Rule = (subject: Subject) => readonly string[];

type Json = Readonly<Record<string, unknown>>;

export const record = (value: unknown): Json =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
/** Read one by one: the SDK hands lists over as proxies, and map() of a proxy fails. */
export const list = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? Array.from({ length: value.length }, (_, index) => value[index]) : [];
export const text = (value: unknown): string => (typeof value === "string" ? value : "");

export const DOCKER_CONTAINER = "docker:index/container:Container";
const POD_PATHS = [
  ["spec"],
  ["spec", "template", "spec"],
  ["spec", "jobTemplate", "spec", "template", "spec"],
] as const;

/** Where the pod of a Kubernetes object may stand; empty for any other resource. */
export const podSpecs = ({ type, props }: Subject): readonly Json[] =>
  type.startsWith("kubernetes:")
    ? POD_PATHS.map((path) => path.reduce<Json>((value, key) => record(value[key]), props))
    : [];

/** The containers of a Kubernetes object that runs pods; empty for any other resource. */
export const podContainers = (subject: Subject): readonly Json[] =>
  podSpecs(subject).flatMap((pod) =>
    ["containers", "initContainers", "ephemeralContainers"].flatMap((key) => list(pod[key]).map(record)),
  );

export const MLFLOW = /mlflow/i;

/** The image last: in the preview of a new stack it is not known, and a rule that reads it cannot be run. */
export const isMlflowContainer = (props: Subject["props"]): boolean =>
  list(props.labels).some((label) => MLFLOW.test(text(record(label).value))) ||
  list(props.command).some((word) => MLFLOW.test(text(word))) ||
  MLFLOW.test(text(props.image));

export const isMlflowObject = ({ props }: Subject): boolean =>
  MLFLOW.test(text(record(props.metadata).name)) ||
  Object.values(record(record(props.spec).selector)).some((value) => MLFLOW.test(text(value)));

/** `Kind name`, or the name of a container, for messages. */
export const nameOf = (container: Json): string => `container ${text(container.name) || "without a name"}`;
