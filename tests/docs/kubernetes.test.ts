import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { parseSettings } from "../../infra/settings.ts";
import { mlflowContainerSettings } from "../../infra/targets/docker/docker-settings.ts";
import { kubernetesSettings } from "../../infra/targets/kubernetes/kubernetes-settings.ts";
import { unreadKeys } from "../../infra/unread-keys.ts";

const page = readFileSync("docs/targets/kubernetes.md", "utf8");
const section = (heading: string) => page.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? "";
const setup = section("From nothing to production");
const commands = [...setup.matchAll(/^```bash\n(.*?)^```$/gms)].flatMap(([, block = ""]) =>
  block.trimEnd().split("\n"),
);

/** Values that the shell substitutes for commands and variables. */
const SUBSTITUTED: readonly [RegExp, string][] = [
  [/"\$\(kubectl .*?\)"/, "my-cluster"],
  [/"\$\(pulumi stack output .*?\)"/, "1"],
  [/\$digest/, `sha256:${"a".repeat(64)}`],
];

type Config = Record<string, unknown>;

/** Returns a copy of a config with a value set at a path, as `config set --path` does. */
function withValue(config: unknown, [key, ...inner]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value;
  const outer = (config ?? {}) as Config;
  return { ...outer, [key]: withValue(outer[key], inner, value) };
}

/** Returns the committed config of a stack with the page's settings. */
function configOf(stack: string): Config {
  const { config: declared } = parse(readFileSync("Pulumi.yaml", "utf8")) as { config: Record<string, Config> };
  const { config } = parse(readFileSync(`Pulumi.${stack}.yaml`, "utf8")) as { config: Config };
  const raw: Config = {};
  for (const [key, { default: value }] of Object.entries(declared)) if (value !== undefined) raw[key] = value;
  for (const [key, value] of Object.entries(config)) raw[key.replace("model-promotion:", "")] = value;
  for (const line of commands) {
    const plain = SUBSTITUTED.reduce((text, [shell, value]) => text.replace(shell, value), line);
    const [, path = "", value = "", of] = /^pulumi config set(?: --path)? ([\w.]+) (\S+) -s (\w+)/.exec(plain) ?? [];
    if (of !== stack || path.startsWith("imageRegistry")) continue;
    const [key = "", ...inner] = path.split(".");
    raw[key] = withValue(raw[key], inner, parse(value));
  }
  return raw;
}

test.each(["staging", "production"])("the commands give %s a valid config without unused keys", (stack) => {
  const raw = configOf(stack);
  const settings = parseSettings(raw, stack);
  expect(settings).toMatchObject({
    target: "kubernetes",
    kubernetes: { access: "port-forward", context: "my-cluster" },
  });
  expect(unreadKeys(raw, settings, stack)).toEqual([]);
});

test("the commands are in a working order", () => {
  const at = (pattern: RegExp) => {
    const found = commands.findIndex((line) => pattern.test(line));
    expect(found, String(pattern)).toBeGreaterThanOrEqual(0);
    return found;
  };
  const last = (pattern: RegExp) => commands.findLastIndex((line) => pattern.test(line));
  const [login, staging, production] = [
    at(/^pulumi login/),
    at(/^pulumi up -s staging/),
    at(/^pulumi up -s production/),
  ];
  expect(at(/PULUMI_CONFIG_PASSPHRASE=/)).toBeLessThan(login);
  for (const stack of ["staging", "production"])
    expect(at(new RegExp(`^pulumi stack init ${stack}`))).toBeGreaterThan(login);
  expect(at(/^pulumi config set/)).toBeGreaterThan(last(/^pulumi stack init/));
  expect(staging).toBeLessThan(at(/pulumi stack output version -s staging/));
  expect(last(/^pulumi config set .* -s production/)).toBeLessThan(production);
  expect(last(/^pulumi config set [^"]* -s staging/)).toBeLessThan(staging);
  expect(setup).toContain("image.registry");
  expect(setup).toContain(`imagetools inspect ${mlflowContainerSettings.image.parse(undefined)} `);
});

test("the documented requests are the defaults", () => {
  const { service, mlflow, training } = kubernetesSettings.parse({});
  const requests = section("What the pods request");
  const rows = requests.split("\n").map((line) => line.split("|").map((cell) => cell.trim()));
  const row = (name: string) => rows.find(([, first = ""]) => first.startsWith(name))?.slice(2, 5);
  expect(row("service")).toEqual([
    `${service.minReplicas}, at most ${service.maxReplicas}`,
    service.cpu,
    service.memory,
  ]);
  expect(row("MLflow")).toEqual([`1, with a volume of ${mlflow.storage}`, mlflow.cpu, mlflow.memory]);
  expect(row("training Job")).toEqual(["1", training.cpu, training.memory]);
  const millis = (cpu: string) => (cpu.endsWith("m") ? Number.parseInt(cpu, 10) : Number(cpu) * 1000);
  const mebi = (memory: string) => Number.parseInt(memory, 10) * (memory.endsWith("Gi") ? 1024 : 1);
  const cpus = (2 * service.minReplicas * millis(service.cpu) + millis(mlflow.cpu)) / 1000;
  const gibi = (2 * service.minReplicas * mebi(service.memory) + mebi(mlflow.memory)) / 1024;
  expect(requests).toContain(`Both stacks together request ${cpus} CPUs and ${gibi}Gi.`);
});
