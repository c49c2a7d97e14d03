import { docker } from "../../../infra/targets/docker/docker-cli.ts";

type Inputs = Readonly<Record<string, unknown>>;
interface Port {
  readonly internal: number;
  readonly external?: number;
  readonly ip: string;
}

interface HealthCheck {
  /** `CMD` and the words of the command. */
  readonly tests: readonly string[];
  readonly interval: string;
  readonly timeout: string;
  readonly startPeriod: string;
  readonly retries: number;
}

/**
 * Runs a container as the program describes it to the docker provider, by converting the inputs that the mocks recorded to arguments of `docker run`.
 * @param changes inputs that differ in the test: names of images, networks and volumes
 * @throws Error for an unknown input
 */
export async function runContainer(name: string, described: Inputs, changes: Inputs = {}): Promise<string> {
  const inputs = { ...described, ...changes };
  const [entrypoint, ...more] = (inputs.entrypoints ?? []) as string[];
  const args: string[] = ["run", "--detach", "--name", name];
  const flags: Readonly<Record<string, (value: never) => string[]>> = {
    image: () => [],
    entrypoints: () => (entrypoint ? ["--entrypoint", entrypoint] : []),
    command: () => [],
    restart: (policy: string) => ["--restart", policy],
    mustRun: () => [],
    wait: () => [],
    waitTimeout: () => [],
    healthcheck: ({ tests: [, ...test], interval, timeout, startPeriod, retries }: HealthCheck) => [
      "--health-cmd",
      test.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" "),
      "--health-interval",
      interval,
      "--health-timeout",
      timeout,
      "--health-start-period",
      startPeriod,
      "--health-retries",
      String(retries),
    ],
    destroyGraceSeconds: () => [],
    readOnly: () => ["--read-only"],
    init: () => ["--init"],
    user: (user: string) => ["--user", user],
    stopSignal: (signal: string) => ["--stop-signal", signal],
    capabilities: ({ drops }: { drops: string[] }) => drops.flatMap((each) => ["--cap-drop", each]),
    securityOpts: (options: string[]) => options.flatMap((each) => ["--security-opt", each]),
    memory: (megabytes: number) => ["--memory", `${megabytes}m`],
    memorySwap: (megabytes: number) => ["--memory-swap", `${megabytes}m`],
    cpuPeriod: (micros: number) => ["--cpu-period", String(micros)],
    cpuQuota: (micros: number) => ["--cpu-quota", String(micros)],
    tmpfs: (mounts: Record<string, string>) =>
      Object.entries(mounts).flatMap(([path, options]) => ["--tmpfs", `${path}:${options}`]),
    logDriver: (driver: string) => ["--log-driver", driver],
    logOpts: (options: Record<string, string>) =>
      Object.entries(options).flatMap(([key, value]) => ["--log-opt", `${key}=${value}`]),
    envs: (envs: string[]) => envs.flatMap((each) => ["--env", each]),
    labels: (labels: { label: string; value: string }[]) =>
      labels.flatMap(({ label, value }) => ["--label", `${label}=${value}`]),
    networksAdvanced: (networks: { name: string }[]) => networks.flatMap((each) => ["--network", each.name]),
    volumes: (volumes: { volumeName: string; containerPath: string }[]) =>
      volumes.flatMap(({ volumeName, containerPath }) => ["--volume", `${volumeName}:${containerPath}`]),
    ports: (ports: Port[]) =>
      ports.flatMap(({ ip, external, internal }) => ["--publish", `${ip}:${external ?? ""}:${internal}`]),
  };
  for (const [key, value] of Object.entries(inputs)) {
    if (value === undefined) continue;
    const say = flags[key];
    if (!say) throw new Error(`runContainer does not support the input ${key}`);
    args.push(...say(value as never));
  }
  args.push(String(inputs.image), ...more, ...((inputs.command ?? []) as string[]));
  return (await docker(args)).trim();
}

/** Base URL of a container's port on this machine. */
export async function publishedUrl(container: string, port: number): Promise<string> {
  const [address = ""] = (await docker(["port", container, String(port)])).trim().split("\n");
  return `http://${address}`;
}
