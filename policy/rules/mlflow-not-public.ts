import {
  DOCKER_CONTAINER,
  isMlflowContainer,
  isMlflowObject,
  list,
  MLFLOW,
  podContainers,
  podSpecs,
  type Rule,
  record,
  type Subject,
  text,
} from "./rule.ts";

const LOOPBACK = /^(127\.\d+\.\d+\.\d+|::1)$/;

/** Anyone who reaches MLflow without a password can register models and write tags. */
export const mlflowNotPublic: Rule = (subject) => {
  const { type, props } = subject;
  if (type === DOCKER_CONTAINER && isMlflowContainer(props)) {
    // Without a port of its own: it has all of the machine's.
    if (text(props.networkMode) === "host") return ["MLflow runs in the machine's own network: give it one of its own"];
    return list(props.ports)
      .map((port) => text(record(port).ip))
      .filter((ip) => !LOOPBACK.test(ip))
      .map((ip) => `MLflow's port listens on ${ip || "every address"}: set mlflow.address to 127.0.0.1`);
  }
  if (!type.startsWith("kubernetes:")) return [];
  if (text(props.kind) === "Service" && isMlflowObject(subject)) {
    const kind = text(record(props.spec).type) || "ClusterIP";
    if (list(record(props.spec).externalIPs).length > 0)
      return ["MLflow's Service has addresses outside (externalIPs)"];
    return kind === "ClusterIP" ? [] : [`MLflow's Service is of type ${kind}: only ClusterIP stays inside`];
  }
  if (
    isMlflowObject(subject) &&
    (podSpecs(subject).some(({ hostNetwork }) => hostNetwork === true) || hasHostPort(subject))
  )
    return [
      "MLflow's pods listen on their node (hostNetwork, hostPort): only a Service of type ClusterIP stays inside",
    ];
  const roads = ["Ingress", "HTTPRoute", "GRPCRoute", "TCPRoute"];
  if (roads.includes(text(props.kind)) && backends(props.spec).some((name) => MLFLOW.test(name)))
    return [`${text(props.kind)} ${text(record(props.metadata).name)} leads to MLflow from outside`];
  return [];
};

const hasHostPort = (subject: Subject) =>
  podContainers(subject).some(({ ports }) => list(ports).some((port) => record(port).hostPort !== undefined));

/** Names of the Services that a route leads to, anywhere in it. */
function backends(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(backends);
  return Object.entries(record(value)).flatMap(([key, inner]) =>
    key === "service" || key === "backendRefs" || key === "defaultBackend"
      ? list(Array.isArray(inner) ? inner : [inner]).flatMap((one) => [text(record(one).name), ...backends(one)])
      : backends(inner),
  );
}
