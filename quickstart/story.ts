import { expect, ratio, step } from "./narrator.ts";
import { countVersions, queryRegistry, queryService, versionByAlias } from "./observe.ts";
import type { Options } from "./options.ts";
import type { Pulumi } from "./pulumi.ts";

/** The stacks and servers that the steps work on. */
export interface Setup {
  readonly pulumi: Pulumi;
  readonly ports: Options["ports"];
  readonly trackingUri: string;
}

const UP = ["up", "--yes", "--skip-preview", "--stack"] as const;

/** Enough digits of a digest to distinguish two models. */
const short = (sha256: string) => `${sha256.slice(0, 12)}…`;

/** Shows that a gate of 0.90 blocks a model with accuracy 0.8975. */
export async function gateBlocks({ pulumi, trackingUri }: Setup): Promise<void> {
  step("a. Staging with a gate of 0.90", "Trains on 1,600 rows, registers version 1, judges it on 400 other rows.");
  const { exitCode, output } = await pulumi(...UP, "staging");
  // After any other failure, the following steps would have no version to work with.
  expect(
    exitCode !== 0 && /quality gate failed/.test(output),
    `the quality gate blocks the update: exit code ${exitCode}`,
  );
  const { gate, stage } = await queryRegistry(trackingUri, "1");
  expect(gate?.verdict === "failed", `version 1 is registered with the verdict failed: ${gate?.summary}`);
  expect(stage === "None", "the registry's stages are unchanged");
}

/** Shows that updating production directly does not bypass the gate. */
export async function promotionRefused({ pulumi, trackingUri }: Setup): Promise<void> {
  step("b. Promote version 1 anyway", "Production checks the evidence in the registry, not the trainer's own figures.");
  const { exitCode, output } = await pulumi(...UP, "production");
  expect(exitCode !== 0, `the promotion is refused: exit code ${exitCode}`);
  expect(
    /quality gate failed: accuracy 0\.8975 < 0\.90 required/.test(output),
    "the reason is given: its quality gate failed, accuracy 0.8975 < 0.90 required",
  );
  expect((await versionByAlias(trackingUri, "production")) === undefined, "nothing is in production");
}

export async function stagingServes({ pulumi, ports, trackingUri }: Setup): Promise<void> {
  step("c. Lower the gate to 0.85", "The preview shows what will be judged again, and why; nothing is retrained.");
  await pulumi("config", "set", "--path", "gate.accuracy.min", "0.85", "--stack", "staging");
  const preview = await pulumi("preview", "--diff", "--stack", "staging");
  expect(/min: 0\.85/.test(preview.output), "the preview shows the new bound: accuracy min 0.85");
  const { exitCode } = await pulumi(...UP, "staging");
  expect(exitCode === 0, "the gate passes, staging serves the model, and the deployment check verifies it");
  expect((await countVersions(trackingUri)) === 1, "still one version: the model of step a was judged again");
  const { health } = await queryService(ports.staging);
  expect(health.version === "1", `staging serves version 1 on port ${ports.staging}, files ${short(health.sha256)}`);
  expect(
    (await versionByAlias(trackingUri, "staging")) === "1",
    "the registry's alias and stage Staging name version 1",
  );
}

export async function promoted({ pulumi, ports, trackingUri }: Setup): Promise<void> {
  step(
    "d. Promote version 1",
    "Production serves exactly the files that staging verified; it trains and builds nothing.",
  );
  const { exitCode } = await pulumi(...UP, "production");
  expect(exitCode === 0, "the guard allows version 1");
  const [staging, production] = [await queryService(ports.staging), await queryService(ports.production)];
  expect(
    production.health.version === "1",
    `production serves version 1 on port ${ports.production}, files ${short(production.health.sha256)}`,
  );
  expect(production.health.sha256 === staging.health.sha256, "both serve files with the same SHA-256");
  expect(
    (await versionByAlias(trackingUri, "production")) === "1",
    "the registry's alias and stage Production name version 1",
  );
}

export async function stagingRetrains({ pulumi, ports }: Setup): Promise<void> {
  step(
    "e. Retrain with stronger regularisation (C = 0.1)",
    "Staging moves to version 2; production keeps version 1 until the next promotion.",
  );
  await pulumi("config", "set", "--path", "training.params.C", "0.1", "--stack", "staging");
  const { exitCode } = await pulumi(...UP, "staging");
  expect(exitCode === 0, "version 2 passed the gate and serves in staging");
  const [staging, production] = [await queryService(ports.staging), await queryService(ports.production)];
  expect(staging.health.version === "2", `GET :${ports.staging}/health reports version ${staging.health.version}`);
  expect(
    production.health.version === "1",
    `GET :${ports.production}/health reports version ${production.health.version}`,
  );
  expect(
    staging.probability !== production.probability,
    `POST /predict with one row: staging ${ratio(staging.probability)}, production ${ratio(production.probability)}`,
  );
}

export async function nothingToDo({ pulumi, ports }: Setup): Promise<void> {
  step("f. Run up again", "No input differs, so nothing changes.");
  for (const stack of ["staging", "production"]) {
    const { exitCode } = await pulumi(...UP, stack, "--expect-no-changes");
    expect(exitCode === 0, `${stack}: no changes`);
  }
  const { health } = await queryService(ports.production);
  expect(health.version === "1", "production still serves version 1");
}
