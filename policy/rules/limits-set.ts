import { DOCKER_CONTAINER, nameOf, podContainers, type Rule, record } from "./rule.ts";

const isSet = (value: unknown) => value !== undefined && value !== null && value !== "" && value !== 0 && value !== "0";

/** One container must not take a whole machine, by a fault or by a model made for it. */
export const limitsSet: Rule = (subject) => {
  const { type, props } = subject;
  const found =
    type === DOCKER_CONTAINER
      ? [{ who: nameOf(props), memory: props.memory, cpu: props.cpus ?? props.cpuQuota }]
      : podContainers(subject).map((container) => {
          const { memory, cpu } = record(record(container.resources).limits);
          return { who: nameOf(container), memory, cpu };
        });
  return found.flatMap(({ who, ...limits }) =>
    Object.entries(limits)
      .filter(([, value]) => !isSet(value))
      .map(([limit]) => `${who} has no limit of ${limit}`),
  );
};
