import * as command from "@pulumi/command/local/index.js";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { STAGES } from "../../../registry/evidence.ts";
import type { ServiceArgs, ServicePage } from "../target.ts";
import type { DockerSettings } from "./docker-settings.ts";
import { confined, labels } from "./hardening.ts";
import type { KeptContainer } from "./kept-containers.ts";

/** Port of the service inside its container: see service/Dockerfile. */
export const SERVICE_PORT = 8000;
const STOP_SECONDS = 10;

export interface InferenceContainerOptions {
  readonly settings: DockerSettings;
  readonly network: docker.Network;
  readonly kept: KeptContainer;
}

export interface InferenceContainer {
  /** Name on its network. */
  readonly name: pulumi.Output<string>;
  readonly id: pulumi.Output<string>;
  /** URL on a free loopback port of its own, where it is verified before callers reach it. */
  readonly url: pulumi.Output<string>;
}

const pageEnvironment = ({ card, driftReference, contract, otherUrl }: ServicePage) => [
  pulumi.output(card).apply((card) => `MODEL_CARD=${JSON.stringify(card)}`),
  ...(driftReference === undefined ? [] : [pulumi.interpolate`DRIFT_REFERENCE=${driftReference}`]),
  ...(otherUrl === undefined ? [] : [`OTHER_URL=${otherUrl}`]),
  ...(contract ? [pulumi.interpolate`DATA_CONTRACT=${contract.text}`, `DATA_CONTRACT_MODE=${contract.mode}`] : []),
];

/**
 * Describes one version in its own container. Another version gets another container: the engine creates the new one first,
 * and removes the old one after the whole update has succeeded.
 */
export function inferenceContainer(
  name: string,
  args: ServiceArgs,
  { settings, network, kept }: InferenceContainerOptions,
  opts: pulumi.CustomResourceOptions,
): InferenceContainer {
  // The command does not take the docker provider.
  const { provider: _, ...plain } = opts;
  const { environment, model, apiToken } = args;
  const stage = STAGES[environment];
  const container = new docker.Container(
    `${name}-service`,
    {
      ...confined({ tmpMb: 64, memoryMb: settings.memoryMb, cpus: settings.cpus }),
      image: args.package.reference,
      user: "1000:1000",
      networksAdvanced: [{ name: network.name }],
      // No host port is set, so the engine assigns a free one.
      ports: [{ internal: SERVICE_PORT, ip: "127.0.0.1" }],
      envs: [
        `MODEL_STAGE=${stage}`,
        `STOP_SECONDS=${STOP_SECONDS}`,
        ...(args.gatePublicKey === undefined ? [] : [`GATE_PUBLIC_KEY=${args.gatePublicKey}`]),
        ...(args.page ? pageEnvironment(args.page) : []),
        ...(apiToken ? [pulumi.interpolate`API_TOKEN=${apiToken}`] : []),
      ],
      destroyGraceSeconds: STOP_SECONDS + 5,
      labels: labels({ environment, role: "inference", model: model.name, version: model.version, ...kept.labels }),
    },
    // By default, the provider removes a container before it creates the next.
    { ...opts, deleteBeforeReplace: false },
  );
  // The provider cannot set a process limit; the engine can set one on a running container.
  const host = settings.host ? `--host ${settings.host} ` : "";
  const limited = new command.Command(
    `${name}-pids`,
    {
      create: pulumi.interpolate`docker ${host}update --pids-limit ${settings.pids} ${container.id}`,
      triggers: [container.id, settings.pids],
    },
    plain,
  );
  return {
    name: container.name,
    id: pulumi.all([container.id, limited.stdout]).apply(([id]) => id),
    url: container.ports.apply((ports) => `http://127.0.0.1:${ports?.[0]?.external}`),
  };
}
