import { existsSync, readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";

/** Names of the examples: every folder beside this file that has a staging stack. */
export const EXAMPLES: readonly string[] = readdirSync(import.meta.dirname).filter((name) =>
  existsSync(join(import.meta.dirname, name, "Pulumi.staging.yaml")),
);

/** Python environment of the examples' trainers. */
export const TRAINERS_ENVIRONMENT = { folder: ".venv-examples", requirements: ["examples/requirements.txt"] } as const;

const StackFile = z.object({ config: z.object({ "model-promotion:service": z.object({ port: z.coerce.number() }) }) });

/** Reads the ports of an example's services from its stack files. */
export async function examplePorts(folder: string): Promise<{ readonly staging: number; readonly production: number }> {
  const portOf = async (stack: string) => {
    const file = StackFile.parse(parse(await readFile(join(folder, `Pulumi.${stack}.yaml`), "utf8")));
    return file.config["model-promotion:service"].port;
  };
  return { staging: await portOf("staging"), production: await portOf("production") };
}
