import { expect, step } from "./narrator.ts";
import { askRegistry, askService, countVersions, versionAt } from "./observe.ts";
import type { Options } from "./options.ts";
import type { Pulumi } from "./pulumi.ts";

export interface Stage {
  readonly pulumi: Pulumi;
  readonly ports: Options["ports"];
  readonly trackingUri: string;
}

const UP = ["up", "--yes", "--skip-preview", "--stack"] as const;

/** Enough digits of a digest to distinguish two models. */
const short = (sha256: string) => `${sha256.slice(0, 12)}…`;

/** A gate of 0.90 stops a model of 0.8975. */
export async function gateBlocks({ pulumi, trackingUri }: Stage): Promise<void> {
  step("a. Staging with a gate of 0.90", "Trains on 1,600 rows, registers version 1, judges its files on 400 others.");
  const { exitCode, output } = await pulumi(...UP, "staging");
  // Any other failure would leave the rest of the story without a version.
  expect(
    exitCode !== 0 && /quality gate failed/.test(output),
    `the quality gate blocks the update: exit code ${exitCode}`,
  );
  const { gate, stage } = await askRegistry(trackingUri, "1");
  expect(gate?.verdict === "failed", `version 1 is registered, with the verdict failed: ${gate?.summary}`);
  expect(stage === "None", "the registry's stages are unchanged");
}

/** Asking production directly does not bypass the gate. */
export async function promotionRefused({ pulumi, trackingUri }: Stage): Promise<void> {
  step("b. Promote version 1 anyway", "Production asks the registry for evidence, not the trainer for a number.");
  const { exitCode, output } = await pulumi(...UP, "production");
  expect(exitCode !== 0, `the promotion is refused: exit code ${exitCode}`);
  expect(
    /quality gate failed: accuracy 0\.8975 < 0\.90 required/.test(output),
    "the reason is given: its quality gate failed, accuracy 0.8975 < 0.90 required",
  );
  expect((await versionAt(trackingUri, "production")) === undefined, "nothing is in production");
}

export async function stagingServes({ pulumi, ports, trackingUri }: Stage): Promise<void> {
  step("c. Lower the gate to 0.85", "The preview shows what will be judged again, and why; nothing is retrained.");
  await pulumi("config", "set", "--path", "gate.accuracy.min", "0.85", "--stack", "staging");
  const preview = await pulumi("preview", "--diff", "--stack", "staging");
  expect(/min: 0\.85/.test(preview.output), "the preview shows the new bound: accuracy min 0.85");
  const { exitCode } = await pulumi(...UP, "staging");
  expect(exitCode === 0, "the gate passes, staging serves, the deployment check verifies it");
  expect((await countVersions(trackingUri)) === 1, "still one version: the model of step a was judged again");
  const { health } = await askService(ports.staging);
  expect(health.version === "1", `staging serves version 1 on port ${ports.staging}, files ${short(health.sha256)}`);
  expect((await versionAt(trackingUri, "staging")) === "1", "the registry's alias and stage Staging name version 1");
}

export async function promoted({ pulumi, ports, trackingUri }: Stage): Promise<void> {
  step(
    "d. Promote version 1",
    "Production takes exactly the files that staging verified; it trains and builds nothing.",
  );
  const { exitCode } = await pulumi(...UP, "production");
  expect(exitCode === 0, "the guard lets version 1 pass");
  const [staging, production] = [await askService(ports.staging), await askService(ports.production)];
  expect(
    production.health.version === "1",
    `production serves version 1 on port ${ports.production}, files ${short(production.health.sha256)}`,
  );
  expect(production.health.sha256 === staging.health.sha256, "both serve the same files, by SHA-256");
  expect(
    (await versionAt(trackingUri, "production")) === "1",
    "the registry's alias and stage Production name version 1",
  );
}

export async function stagingMovesOn({ pulumi, ports }: Stage): Promise<void> {
  step(
    "e. Retrain with stronger regularisation (C = 0.1)",
    "Staging moves on to version 2; production follows the registry, not the code.",
  );
  await pulumi("config", "set", "--path", "training.params.C", "0.1", "--stack", "staging");
  const { exitCode } = await pulumi(...UP, "staging");
  expect(exitCode === 0, "version 2 passed the gate and serves in staging");
  const [staging, production] = [await askService(ports.staging), await askService(ports.production)];
  expect(staging.health.version === "2", `GET :${ports.staging}/health says version ${staging.health.version}`);
  expect(
    production.health.version === "1",
    `GET :${ports.production}/health says version ${production.health.version}`,
  );
  expect(
    staging.probability !== production.probability,
    `POST /predict, one row: staging ${staging.probability}, production ${production.probability}`,
  );
}

export async function nothingToDo({ pulumi, ports }: Stage): Promise<void> {
  step("f. Up again", "Nothing differs, so nothing changes.");
  for (const stack of ["staging", "production"]) {
    const { exitCode } = await pulumi(...UP, stack, "--expect-no-changes");
    expect(exitCode === 0, `${stack}: no changes`);
  }
  const { health } = await askService(ports.production);
  expect(health.version === "1", "production still serves version 1");
}
