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

/** Keeps MLflow off public addresses: anyone who can reach it without a password can register models and write tags. */
export const mlflowNotPublic: Rule = (subject) => {
  const { type, props } = subject;
  if (type === DOCKER_CONTAINER && isMlflowContainer(props)) {
    // On the host network, the container publishes no ports but listens on the machine's own.
    if (text(props.networkMode) === "host")
      return ["MLflow uses the host network: attach it to a Docker network instead"];
    return list(props.ports)
      .map((port) => text(record(port).ip))
      .filter((ip) => !LOOPBACK.test(ip))
      .map((ip) => `MLflow's port listens on ${ip || "every address"}: set mlflow.address to 127.0.0.1`);
  }
  if (!type.startsWith("kubernetes:")) return [];
  if (text(props.kind) === "Service" && isMlflowObject(subject)) {
    const kind = text(record(props.spec).type) || "ClusterIP";
    if (list(record(props.spec).externalIPs).length > 0)
      return ["MLflow's Service has externalIPs, which expose it outside the cluster: remove them"];
    return kind === "ClusterIP"
      ? []
      : [`MLflow's Service has type ${kind}: use ClusterIP, which is reachable only inside the cluster`];
  }
  if (
    isMlflowObject(subject) &&
    (podSpecs(subject).some(({ hostNetwork }) => hostNetwork === true) || hasHostPort(subject))
  )
    return ["MLflow's pods listen on their node (hostNetwork or hostPort): use a Service of type ClusterIP instead"];
  const routes = ["Ingress", "HTTPRoute", "GRPCRoute", "TCPRoute"];
  if (routes.includes(text(props.kind)) && backends(props.spec).some((name) => MLFLOW.test(name)))
    return [`${text(props.kind)} ${text(record(props.metadata).name)} exposes MLflow outside the cluster: remove it`];
  return [];
};

const hasHostPort = (subject: Subject) =>
  podContainers(subject).some(({ ports }) => list(ports).some((port) => record(port).hostPort !== undefined));

/** Returns the names of the Services that a route refers to, at any depth. */
function backends(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(backends);
  return Object.entries(record(value)).flatMap(([key, inner]) =>
    key === "service" || key === "backendRefs" || key === "defaultBackend"
      ? list(Array.isArray(inner) ? inner : [inner]).flatMap((backend) => [
          text(record(backend).name),
          ...backends(backend),
        ])
      : backends(inner),
  );
}
