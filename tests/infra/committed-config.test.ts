import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { EXAMPLES } from "../../examples/known-examples.ts";
import { parseSettings, settingKeys } from "../../infra/settings.ts";

const Project = z.object({
  name: z.literal("model-promotion"),
  config: z.record(
    z.string(),
    z.object({ type: z.string(), description: z.string(), default: z.unknown().optional() }),
  ),
});
const Stack = z.object({ config: z.record(z.string(), z.unknown()) });

const project = Project.parse(parse(await readFile("Pulumi.yaml", "utf8")));
const defaults = Object.entries(project.config).flatMap(([key, { default: value }]) =>
  value === undefined ? [] : [[key, value] as const],
);

/** Returns the stack's values over the project's defaults, as the engine passes them to the program. */
async function configOf(file: string): Promise<Record<string, unknown>> {
  const { config } = Stack.parse(parse(await readFile(file, "utf8")));
  const entries = Object.entries(config).map(([key, value]) => {
    expect(key).toMatch(/^model-promotion:/);
    return [key.slice("model-promotion:".length), value] as const;
  });
  return Object.fromEntries([...defaults, ...entries]);
}

test("Pulumi.yaml declares every setting, and no other key", () => {
  expect(Object.keys(project.config).toSorted()).toEqual(settingKeys.toSorted());
});

test("the types in Pulumi.yaml match the defaults", () => {
  for (const [key, value] of defaults) expect(project.config[key]?.type, key).toBe(typeof value);
});

// The engine requires every declared key without a default in each stack.
test.each(["", "quickstart/", ...EXAMPLES.map((name) => `examples/${name}/`)])(
  "the stack files in ./%s set every key that has no default",
  async (folder) => {
    const without = Object.keys(project.config).filter((key) => project.config[key]?.default === undefined);
    for (const stack of ["staging", "production"]) {
      const { config } = Stack.parse(parse(await readFile(`${folder}Pulumi.${stack}.yaml`, "utf8")));
      expect(Object.keys(config), stack).toEqual(
        expect.arrayContaining(without.map((key) => `model-promotion:${key}`)),
      );
    }
  },
);

test.each([
  ["Pulumi.staging.yaml", "staging", "docker", 8000],
  ["Pulumi.production.yaml", "production", "docker", 8001],
  ["quickstart/Pulumi.staging.yaml", "staging", "local", 8000],
  ["quickstart/Pulumi.production.yaml", "production", "local", 8001],
])("%s is a good config", async (file, environment, target, port) => {
  const settings = parseSettings(await configOf(file), environment);
  expect(settings).toMatchObject({ environment, target, modelName: "churn-model", service: { port } });
  expect(settings.gate === undefined).toBe(environment === "production");
  expect(settings.canary).toBeUndefined();
});

test("the quickstart starts with a gate of 0.90 and promotes version 1", async () => {
  const staging = parseSettings(await configOf("quickstart/Pulumi.staging.yaml"), "staging");
  const production = parseSettings(await configOf("quickstart/Pulumi.production.yaml"), "production");
  expect(staging.gate).toEqual({ accuracy: { min: 0.9 } });
  expect(production.promotion.version).toBe("1");
  expect(production.mlflow.trackingUri).toBe(`http://127.0.0.1:${staging.mlflow.port}`);
});

test("the examples have ports of their own, also beside the quickstart, and promote version 1", async () => {
  expect(EXAMPLES).toEqual(["breast-cancer", "diabetes", "penguins"]);
  const ports: number[] = [5050, 8000, 8001];
  for (const name of EXAMPLES) {
    const staging = parseSettings(await configOf(`examples/${name}/Pulumi.staging.yaml`), "staging");
    const production = parseSettings(await configOf(`examples/${name}/Pulumi.production.yaml`), "production");
    expect([staging.modelName, production.modelName]).toEqual([name, name]);
    expect(staging.training.sources).toContain(`examples/${name}/train.py`);
    expect(production.promotion.version).toBe("1");
    ports.push(staging.mlflow.port, staging.service.port, production.service.port);
  }
  expect(new Set(ports).size).toBe(ports.length);
});
