/** A resource as a policy sees it: its inputs, with secrets in the clear. */
export interface Subject {
  readonly type: string;
  readonly props: Readonly<Record<string, unknown>>;
}

/** Returns each violation as a message; empty for an allowed resource. */
export type Rule = (subject: Subject) => readonly string[];

type Json = Readonly<Record<string, unknown>>;

export const record = (value: unknown): Json =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
/** Copies a list element by element: the SDK passes lists as proxies, on which map() fails. */
export const list = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? Array.from({ length: value.length }, (_, index) => value[index]) : [];
export const text = (value: unknown): string => (typeof value === "string" ? value : "");

export const DOCKER_CONTAINER = "docker:index/container:Container";
const POD_PATHS = [
  ["spec"],
  ["spec", "template", "spec"],
  ["spec", "jobTemplate", "spec", "template", "spec"],
] as const;

/** Returns every place in a Kubernetes object that may hold a pod spec; empty for any other resource. */
export const podSpecs = ({ type, props }: Subject): readonly Json[] =>
  type.startsWith("kubernetes:")
    ? POD_PATHS.map((path) => path.reduce<Json>((value, key) => record(value[key]), props))
    : [];

/** Returns the containers of a Kubernetes object that runs pods; empty for any other resource. */
export const podContainers = (subject: Subject): readonly Json[] =>
  podSpecs(subject).flatMap((pod) =>
    ["containers", "initContainers", "ephemeralContainers"].flatMap((key) => list(pod[key]).map(record)),
  );

export const MLFLOW = /mlflow/i;

/** Reads the image last: it is unknown in the preview of a new stack, and a rule that reads an unknown value cannot run. */
export const isMlflowContainer = (props: Subject["props"]): boolean =>
  list(props.labels).some((label) => MLFLOW.test(text(record(label).value))) ||
  list(props.command).some((word) => MLFLOW.test(text(word))) ||
  MLFLOW.test(text(props.image));

export const isMlflowObject = ({ props }: Subject): boolean =>
  MLFLOW.test(text(record(props.metadata).name)) ||
  Object.values(record(record(props.spec).selector)).some((value) => MLFLOW.test(text(value)));

/** Names a container in messages. */
export const nameOf = (container: Json): string => `container ${text(container.name) || "(unnamed)"}`;
