import type { EngineContainer } from "./engine-containers.ts";

/** Stack and purpose of a container. */
export interface ContainerOwner {
  /** `<project>/<stack>`. */
  readonly stack: string;
  readonly environment: string;
}

/** Labels for this stack's containers: unchanged for running ones, new for stopped ones, which are then replaced. */
export interface KeptContainers {
  readonly gateway: KeptContainer;
  readonly inference: KeptContainer;
  readonly mlflow: KeptContainer;
}

export interface KeptContainer {
  /** Stack and generation, without the prefix. */
  readonly labels: Readonly<Record<string, string>>;
  /** Image that it was started with; undefined if none runs. */
  readonly image?: string | undefined;
  /** Mounted volume. */
  readonly volume?: string | undefined;
}

interface Wanted {
  /** On the engine's host. */
  readonly address: string;
  readonly servicePort: number;
  /** For a staging stack that runs its own MLflow server. */
  readonly mlflow?: { readonly address: string; readonly port: number } | undefined;
  /** Label of a new container: different from that of any previous one. */
  readonly generation: string;
}

/**
 * Checks whether containers run, even in a preview, because the docker provider does not. A running container keeps its
 * labels and is unchanged; a stopped one is replaced by one with a different label.
 * @throws Error if a port is used by a container that does not belong to this stack
 */
export function keepContainers(
  seen: readonly EngineContainer[],
  owner: ContainerOwner,
  wanted: Wanted,
): KeptContainers {
  const fresh: KeptContainer = { labels: { stack: owner.stack, generation: wanted.generation } };
  const kept = (container: EngineContainer | undefined): KeptContainer =>
    container?.running ? { labels: ownLabels(container), image: container.image, volume: container.volumes[0] } : fresh;

  const atPort = (role: "gateway" | "mlflow", address: string, port: number, key: string) => {
    const holder = seen.find(
      ({ running, ports }) => running && ports.some((each) => each.port === port && overlap(each.address, address)),
    );
    const { labels } = holder ?? {};
    const isOurs =
      labels?.role === role &&
      (role === "mlflow" || labels.environment === owner.environment) &&
      ["", owner.stack].includes(labels.stack);
    if (holder && !isOurs) throw new Error(heldBy(holder, port, key));
    return holder;
  };
  const gateway = atPort("gateway", wanted.address, wanted.servicePort, "service.port");
  const mlflow = wanted.mlflow && atPort("mlflow", wanted.mlflow.address, wanted.mlflow.port, "mlflow.port");
  // The newest one is in the state. Without a gateway, callers reach none, and it is unknown whose they are.
  const inference = seen.find(
    ({ labels, networks }) =>
      labels.role === "inference" && networks.some((each) => gateway?.networks.includes(each) ?? false),
  );
  return { gateway: kept(gateway), inference: kept(inference), mlflow: kept(mlflow) };
}

const ANY = ["0.0.0.0", "::", "[::]"];
const overlap = (one: string, other: string) => one === other || ANY.includes(one) || ANY.includes(other);

/** Containers of earlier releases have neither label and get none. */
const ownLabels = ({ labels: { stack, generation } }: EngineContainer): Record<string, string> =>
  stack === "" ? {} : { stack, generation };

function heldBy({ name, labels }: EngineContainer, port: number, key: string): string {
  const unlabelled = labels.environment ? `of another ${labels.environment} stack` : "of another stack";
  const whose = labels.stack
    ? `of stack ${labels.stack}`
    : labels.role
      ? unlabelled
      : "which does not belong to this project";
  return `port ${port} is in use by container ${name} ${whose}. Set another port: pulumi config set --path ${key} <port>`;
}
