import { Secret } from "@pulumi/policy";
import { DOCKER_CONTAINER, list, nameOf, podContainers, type Rule, record, type Subject, text } from "./rule.ts";

/** Matches names of variables with secret values, but not of public keys. */
const SECRET_NAME =
  /(^|_)(TOKEN|PASSWORD|PASSPHRASE|SECRET|CREDENTIALS?|PRIVATE_KEY|SIGNING_KEY|SECRET_ACCESS_KEY|API_KEY)(_|$)/i;
const isSecretName = (name: string) => SECRET_NAME.test(name.replace(/([a-z])([A-Z])/g, "$1_$2"));

/** Rejects secrets in pods and ConfigMaps. Kubernetes stores those values as plain text, even if they are secrets in Pulumi. */
export const plainTextSecrets: Rule = (subject) => {
  const inPods = podContainers(subject).flatMap((container) =>
    list(container.env)
      .map(record)
      .filter(({ name, value }) => isSecretName(text(name)) && value !== undefined && value !== "")
      .map(
        ({ name }) =>
          `${nameOf(container)} sets ${text(name)} in plain text: read it from a Secret (valueFrom.secretKeyRef)`,
      ),
  );
  const { kind, data } = subject.props;
  const inMaps =
    kind === "ConfigMap"
      ? Object.keys(record(data))
          .filter(isSecretName)
          .map((name) => `a ConfigMap contains ${name}: move it to a Secret`)
      : [];
  return [...inPods, ...inMaps];
};

/**
 * Returns the inputs with every non-empty variable named like a secret marked as one, so that the engine encrypts it; undefined if
 * there is none. A policy cannot see which values are secrets already; marking those again changes nothing.
 */
export function markSecrets({ type, props }: Subject): Record<string, unknown> | undefined {
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
