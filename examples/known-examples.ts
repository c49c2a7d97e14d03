import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** Every folder beside this file that has stacks is an example. */
export const EXAMPLES: readonly string[] = readdirSync(import.meta.dirname).filter((name) =>
  existsSync(join(import.meta.dirname, name, "Pulumi.staging.yaml")),
);

/** What the trainers run in. */
export const TRAINERS_ENVIRONMENT = { folder: ".venv-examples", requirements: ["examples/requirements.txt"] } as const;
