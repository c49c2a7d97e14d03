import { DockerError, docker } from "./docker-cli.ts";

/** A container on the engine, from any project. */
export interface EngineContainer {
  readonly name: string;
  /** Image name as given when it was started. */
  readonly image: string;
  readonly running: boolean;
  /** Ports on the engine's host, if it is running. */
  readonly ports: readonly { readonly address: string; readonly port: number }[];
  /** Names of the networks that it is on. */
  readonly networks: readonly string[];
  /** Names of the volumes that it has mounted. */
  readonly volumes: readonly string[];
  /** This project's labels, without their prefix; empty for missing ones. */
  readonly labels: Readonly<Record<(typeof LABELS)[number], string>>;
}

/** Prefix of this project's labels. */
export const LABEL_PREFIX = "model-promotion.";
const LABELS = ["role", "environment", "model", "stack", "generation"] as const;
const FIELDS = [
  ".Names",
  ".Image",
  ".State",
  ".Ports",
  ".Networks",
  ".Mounts",
  ...LABELS.map((name) => `.Label "${LABEL_PREFIX}${name}"`),
];
const FORMAT = FIELDS.map((field) => `{{${field}}}`).join("\t");

/**
 * Lists all containers of an engine, newest first.
 * @param filter further arguments of `docker ps`
 * @throws Error, in one sentence, if no engine responds or the docker command is not installed
 */
export async function listContainers(
  host: string | undefined,
  filter: readonly string[] = [],
): Promise<EngineContainer[]> {
  const listed = await docker(["ps", "--all", ...filter, "--no-trunc", "--format", FORMAT], { host }).catch((cause) => {
    throw cause instanceof DockerError && cause.stderr !== undefined ? noEngine(cause, cause.stderr) : cause;
  });
  return parseContainers(listed);
}

/** Takes the reason from the client's first line, without the question at its end. */
function noEngine(cause: DockerError, stderr: string): Error {
  const [line = ""] = stderr.split("\n");
  const why = line.replace(/ Is the docker daemon running\?$/, "").replace(/\.$/, "");
  const remedy = "Start it, or name another one: pulumi config set --path docker.host <host>";
  return new Error(`no Docker engine answers: ${why}. ${remedy}`, { cause });
}

/** Parses the output of `docker ps` in the format above. */
export function parseContainers(lines: string): EngineContainer[] {
  return lines
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [name = "", image = "", state, ports = "", networks = "", mounts = "", ...labels] = line.split("\t");
      return {
        name,
        image,
        running: state === "running",
        ports: portsOf(ports),
        networks: networks.split(","),
        // A mounted host folder is a path, not a name.
        volumes: mounts.split(",").filter((mount) => mount !== "" && !mount.includes("/")),
        labels: Object.fromEntries(
          LABELS.map((label, index) => [label, labels[index] ?? ""]),
        ) as EngineContainer["labels"],
      };
    });
}

/** `127.0.0.1:8000->8000/tcp, :::7000-7001->7000-7001/tcp`; a port that is not published has no arrow. */
const portsOf = (text: string) =>
  [...text.matchAll(/(?:^|, )(\S+):(\d+)(?:-(\d+))?->/g)].flatMap(([, address = "", first, last = first]) =>
    Array.from({ length: Number(last) - Number(first) + 1 }, (_, index) => ({ address, port: Number(first) + index })),
  );
