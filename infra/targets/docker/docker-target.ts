import type { Target } from "../target.ts";

/** Not built yet. */
export function dockerTarget(): Target {
  throw new Error(
    "target docker is not built yet. Use the local target for now: pulumi config set target local, " +
      "or see it work with: npm run quickstart",
  );
}
