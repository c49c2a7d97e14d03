import { defineProvider } from "../../../dynamic/define-provider.ts";
import { isProgramRunning } from "../../../dynamic/is-program-running.ts";
import { changedInputs, isKnown } from "../../../dynamic/provider-inputs.ts";
import { docker } from "./docker-cli.ts";
import { listContainers } from "./engine-containers.ts";

export interface KeptVolumeInputs {
  readonly volume: string;
  readonly next: string;
  readonly port: number;
  readonly keep: boolean;
  readonly host?: string;
}

/**
 * Rejects a volume that another server uses: two servers must not write the same SQLite file, and another clone of this project may have a stack of the
 * same name on this engine.
 */
async function refuseIfInUse({ volume, next, port, host }: KeptVolumeInputs): Promise<void> {
  // Volumes from earlier releases have names that no other stack generates.
  if (volume !== next) return;
  const users = (await listContainers(host, ["--filter", `volume=${volume}`])).filter(({ running }) => running);
  const other = users.find(({ ports }) => ports.every((each) => each.port !== port));
  if (other)
    throw new Error(
      `volume ${volume} is in use by container ${other.name}, which does not belong to this stack. ` +
        "Use another volume: pulumi config set --path mlflow.volume <name>",
    );
}

const howToReuse = ({ volume, next }: KeptVolumeInputs) =>
  (volume === next
    ? "The stack's next update uses it again."
    : `To reuse it, run this before the stack's next update: pulumi config set --path mlflow.volume ${volume}.`) +
  ` To remove the data: docker volume rm ${volume}`;

export const provider = defineProvider({
  /** Rejects any volume other than the one with the stack's data. */
  async check(olds: Partial<KeptVolumeInputs>, news: KeptVolumeInputs) {
    const { volume } = news;
    if (olds.volume === undefined || !isKnown(volume) || volume === olds.volume) return { inputs: news };
    const reason =
      `this stack's data is in the Docker volume ${olds.volume}, but the update would use ${volume}. ` +
      `Keep the volume: pulumi config set --path mlflow.volume ${olds.volume}. To start with another one, destroy the stack first`;
    return { inputs: news, failures: [{ property: "volume", reason }] };
  },
  async diff(_id: string, olds: KeptVolumeInputs, news: KeptVolumeInputs) {
    return { changes: changedInputs(olds, news, ["volume", "next", "port", "keep", "host"]).length > 0 };
  },
  async create(inputs: KeptVolumeInputs) {
    await refuseIfInUse(inputs);
    return { id: inputs.volume, outs: inputs };
  },
  async update(_id: string, _olds: KeptVolumeInputs, news: KeptVolumeInputs) {
    return { outs: news };
  },
  /** @throws Error if a container still uses the volume */
  async delete(_id: string, inputs: KeptVolumeInputs) {
    const { volume, keep, host } = inputs;
    const kept = `MLflow's data is kept in the Docker volume ${volume}.`;
    // An update that replaces or drops this resource must not lose data.
    if (await isProgramRunning().catch(() => true)) return console.error(kept);
    if (keep) return console.error(`${kept} ${howToReuse(inputs)}`);
    await docker(["volume", "rm", "--force", volume], { host });
    console.error(`The Docker volume ${volume} with MLflow's data was removed because docker.keepData is false.`);
  },
});
