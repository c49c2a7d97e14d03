/**
 * Every recorded scenario, played by the engine: the same calls, counts, states and outputs as the official CLI's.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { playScenario } from "../helpers/conformance.ts";
import { CONFORMANCE } from "../helpers/scenario.ts";

describe("the engine does what the Pulumi CLI was recorded to do", () => {
  for (const name of readdirSync(join(CONFORMANCE, "scenarios")))
    it(name, { timeout: 300_000 }, async () => expect(await playScenario(name)).toEqual([]));
});
