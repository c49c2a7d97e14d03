import { Secret } from "@pulumi/policy";
import { DOCKER_CONTAINER, list, nameOf, podContainers, type Rule, record, type Subject, text } from "./rule.ts";

/** Names of variables with secret values. Public keys are not among them. */
const SECRET_NAME =
  /(^|_)(TOKEN|PASSWORD|PASSPHRASE|SECRET|CREDENTIALS?|PRIVATE_KEY|SIGNING_KEY|SECRET_ACCESS_KEY|API_KEY)(_|$)/i;
const isSecretName = (name: string) => SECRET_NAME.test(name.replace(/([a-z])([A-Z])/g, "$1_$2"));

/** Kubernetes stores the values in a pod or a ConfigMap as plain text, even if they are secrets in Pulumi. */
export const inPlainText: Rule = (subject) => {
  const inPods = podContainers(subject).flatMap((container) =>
    list(container.env)
      .map(record)
      .filter(({ name, value }) => isSecretName(text(name)) && value !== undefined && value !== "")
      .map(
        ({ name }) =>
          `${nameOf(container)} has ${text(name)} as plain text: take it from a Secret (valueFrom.secretKeyRef)`,
      ),
  );
  const { kind, data } = subject.props;
  const inMaps =
    kind === "ConfigMap"
      ? Object.keys(record(data))
          .filter(isSecretName)
          .map((name) => `a ConfigMap has ${name}: put it into a Secret`)
      : [];
  return [...inPods, ...inMaps];
};

/**
 * The inputs with every variable that is named like a secret and has a value marked as one, so that the engine encrypts it; undefined
 * where there is none. A policy cannot see which values are secrets already; marking those again changes nothing.
 */
export function sealed({ type, props }: Subject): Record<string, unknown> | undefined {
  if (type === DOCKER_CONTAINER) {
    const envs = list(props.envs).map((entry) => {
      const [name = "", ...value] = text(entry).split("=");
      return isSecretName(name) && value.join("=") !== "" ? new Secret(text(entry)) : entry;
    });
    return envs.some((entry) => entry instanceof Secret) ? { ...props, envs } : undefined;
  }
  const environment = record(props.environment);
  const names = Object.keys(environment).filter((name) => isSecretName(name) && environment[name] !== "");
  if (names.length === 0) return undefined;
  const marked = Object.fromEntries(names.map((name) => [name, new Secret(environment[name])]));
  return { ...props, environment: { ...environment, ...marked } };
}
