import { DOCKER_CONTAINER, nameOf, podContainers, type Rule, record } from "./rule.ts";

const isSet = (value: unknown) => value !== undefined && value !== null && value !== "" && value !== 0 && value !== "0";

/** Requires memory and CPU limits, so that a bug or a malicious model cannot take over the whole machine. */
export const limitsSet: Rule = (subject) => {
  const { type, props } = subject;
  const containers =
    type === DOCKER_CONTAINER
      ? [{ who: nameOf(props), memory: props.memory, cpu: props.cpus ?? props.cpuQuota }]
      : podContainers(subject).map((container) => {
          const { memory, cpu } = record(record(container.resources).limits);
          return { who: nameOf(container), memory, cpu };
        });
  return containers.flatMap(({ who, ...limits }) =>
    Object.entries(limits)
      .filter(([, value]) => !isSet(value))
      .map(([limit]) => `${who} has no ${limit} limit`),
  );
};
