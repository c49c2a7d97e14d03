import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect } from "vitest";
import { EXAMPLES, TRAINERS_ENVIRONMENT } from "../../examples/known-examples.ts";
import { ensurePythonVenv } from "../../infra/targets/local/python-venv.mjs";
import { PYTHON_ENVIRONMENT } from "../../quickstart/setup.mjs";
import { downloadArtifact } from "../../registry/artifacts.ts";
import { MlflowClient } from "../../registry/mlflow-client.ts";
import { getModelVersion, getVersionByAlias } from "../../registry/model-versions.ts";
import { getRun } from "../../registry/runs.ts";
import { parsePredictions, predictionsPath } from "../../training/gate/stored-predictions.ts";
import { freePort } from "../helpers/free-port.ts";
import { readExampleRows, runExample } from "../helpers/run-example.ts";
import { type Missing, testNeeding } from "../helpers/test-needing.ts";

interface Case {
  /** Columns of the snapshot that the model does not take. */
  readonly other: readonly string[];
  readonly rows: number;
  /** Missing values among them. */
  readonly missing: number;
  /** In the report's page: what the gate found. */
  readonly found: RegExp;
  /** On the service's page. */
  readonly card: RegExp;
  /** A line of config that makes a worse model. */
  readonly worse: readonly [path: string, value: string];
  /** What the gate says of that one. */
  readonly blocked: RegExp;
  /** Changes of a row that is answered all the same. */
  readonly answered: Readonly<Record<string, unknown>>;
  /** Changes of a row that the service refuses, and why. */
  readonly refused: readonly [change: Readonly<Record<string, unknown>>, why: RegExp];
}

const CASES: Readonly<Record<string, Case>> = {
  penguins: {
    other: ["species", "year"],
    rows: 114,
    missing: 4,
    found: /macro F1 0\.98\d+, lower bound at 95 % 0\.9\d+ &gt;= 0\.90 required/,
    card: /accuracy<\/dt>\s*<dd>0\.99\d+/,
    worse: ["training.params.C", "0.001"],
    blocked: /macro F1 0\.6\d+, lower bound at 95 % 0\.5\d+ < 0\.90 required.*island = Dream 0\.4\d+ < 0\.90 required/s,
    answered: { bill_length_mm: null, body_mass_g: null, sex: null, island: "Anvers" },
    refused: [{ island: null }, /island/],
  },
  diabetes: {
    other: ["target"],
    rows: 147,
    missing: 0,
    found: /RMSE 54\.\d+ &lt;= 60 allowed/,
    card: /root mean squared error<\/dt>\s*<dd>54\.\d+/,
    worse: ["training.params.alpha", "1000000"],
    blocked: /RMSE 76\.\d+ > 60 allowed.*R2 -0\.00\d+ < 0\.30 required/s,
    answered: { age: 59.5 },
    refused: [{ bmi: null }, /bmi/],
  },
  "breast-cancer": {
    other: ["diagnosis"],
    rows: 189,
    missing: 0,
    found: /recall 0\.95\d+ &gt;= 0\.90 required/,
    card: /accuracy<\/dt>\s*<dd>0\.9\d+/,
    worse: ["training.params.threshold", "0.99"],
    blocked: /recall 0\.8\d+ < 0\.90 required/,
    answered: { "mean radius": 20 },
    refused: [{ "mean radius": "large" }, /mean radius/],
  },
};

/** What there is no environment for, where packages cannot be installed. */
async function missingPackages(): Promise<Missing | undefined> {
  try {
    await ensurePythonVenv(PYTHON_ENVIRONMENT);
    await ensurePythonVenv(TRAINERS_ENVIRONMENT);
    return undefined;
  } catch (cause) {
    const [what = ""] = (cause as Error).message.split("\n");
    return { what, remedy: "examples/requirements.txt names the trainers' packages" };
  }
}
const testWithPackages = testNeeding(await missingPackages());

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "examples-"));
});
afterAll(async () => {
  for (const name of EXAMPLES) await runExample(folder, name, "down");
  await rm(folder, { recursive: true, force: true });
});

/** Sets an example up on free ports. */
async function setUp(name: string) {
  const run = (...command: string[]) => runExample(folder, name, ...command);
  const must = async (...command: string[]) => {
    const { exitCode, output } = await run(...command);
    expect(exitCode, output).toBe(0);
    return output;
  };
  const set = (stack: string, path: string, value: string | number) =>
    must("config", "set", "--path", path, String(value), "--stack", stack);
  const ports = { mlflow: await freePort(), staging: await freePort(), production: await freePort() };
  await must();
  await set("staging", "mlflow.port", ports.mlflow);
  for (const stack of ["staging", "production"] as const) await set(stack, "service.port", ports[stack]);
  const client = new MlflowClient({ trackingUri: `http://127.0.0.1:${ports.mlflow}` });
  return { run, must, set, ports, client };
}

interface Watched {
  readonly drift: { readonly psi: object };
}

const UP = ["up", "--yes", "--skip-preview", "--non-interactive", "--stack"] as const;

async function post(port: number, instances: readonly object[]) {
  const response = await fetch(`http://127.0.0.1:${port}/predict`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ instances }),
  });
  return { status: response.status, body: (await response.json()) as { readonly predictions: readonly unknown[] } };
}

const pageOf = async (port: number): Promise<string> => (await fetch(`http://127.0.0.1:${port}/`)).text();
const versionOf = async (port: number): Promise<unknown> =>
  ((await (await fetch(`http://127.0.0.1:${port}/health`)).json()) as { readonly version: string }).version;

/** What the trainer's own code predicted. */
async function trainersPredictions(client: MlflowClient, name: string): Promise<readonly unknown[]> {
  const { runId } = await getModelVersion(client, name, "1");
  const { artifactUri } = await getRun(client, runId ?? "");
  const pointer = await readFile(`examples/${name}/data/evaluation.csv.dvc`, "utf8");
  const path = predictionsPath(/md5: (\w+)/.exec(pointer)?.[1] ?? "");
  const stored = parsePredictions(new TextDecoder().decode(await downloadArtifact(client, artifactUri, path)), path);
  return stored.kind === "labels" ? (stored.labels ?? []) : [...stored.values];
}

for (const name of EXAMPLES)
  testWithPackages(
    `${name}: from its snapshots to production, and a worse model is blocked`,
    { timeout: 600_000 },
    async () => {
      const expected = CASES[name];
      if (!expected) throw new Error(`there is no case for the example ${name}`);
      const { run, must, set, ports, client } = await setUp(name);
      const started = performance.now();
      const staged = await must(...UP, "staging");
      await must(...UP, "production");
      console.log(`${name}: staging and production took ${((performance.now() - started) / 1000).toFixed(1)} s`);

      const rows = await readExampleRows(name, expected.other);
      expect(rows).toHaveLength(expected.rows);
      expect(rows.flatMap((row) => Object.values(row)).filter((cell) => cell === null)).toHaveLength(expected.missing);
      const predicted = await trainersPredictions(client, name);
      for (const port of [ports.staging, ports.production]) {
        const { status, body } = await post(port, rows);
        expect(status).toBe(200);
        if (typeof body.predictions[0] === "number")
          for (const [row, value] of predicted.entries()) expect(body.predictions[row]).toBeCloseTo(Number(value), 9);
        else expect(body.predictions).toEqual(predicted);
        expect(await pageOf(port)).toContain(`<h1>${name} <small>version 1</small>`);
      }
      expect((await post(ports.production, [{ ...rows[0], ...expected.answered }])).status).toBe(200);
      const watched = (await (await fetch(`http://127.0.0.1:${ports.production}/watch`)).json()) as Watched;
      expect(Object.keys(watched.drift.psi).toSorted()).toEqual(Object.keys(rows[0] ?? {}).toSorted());
      const [change, why] = expected.refused;
      const refused = await post(ports.production, [{ ...rows[0], ...change }]);
      expect(refused.status).toBe(422);
      expect(JSON.stringify(refused.body)).toMatch(why);
      expect(await pageOf(ports.staging)).toMatch(expected.card);

      const [, report = ""] = /gateReportUri *: "(\S+)\.json"/.exec(staged) ?? [];
      const [, parent, file] = /^(.*)\/([^/]+)$/.exec(report) ?? [];
      const page = new TextDecoder().decode(await downloadArtifact(client, parent ?? "", `${file}.html`));
      expect(page).toContain(`${name} version 1: gate`);
      expect(page).toMatch(expected.found);

      // The policy compares with the version in production, which there was none of at the first verdict.
      await must(...UP, "staging");
      for (const stack of ["staging", "production"]) await must(...UP, stack, "--expect-no-changes");

      await set("staging", ...expected.worse);
      const { exitCode, output } = await run(...UP, "staging");
      expect(exitCode, output).not.toBe(0);
      expect(output).toMatch(expected.blocked);
      expect([await versionOf(ports.staging), await versionOf(ports.production)]).toEqual(["1", "1"]);
      expect((await getVersionByAlias(client, name, "staging"))?.version).toBe("1");
      expect((await getModelVersion(client, name, "2")).version).toBe("2");
    },
  );

testWithPackages("the examples' snapshots are what their packages ship", { timeout: 120_000 }, async () => {
  const made = join(folder, "snapshots");
  await promisify(execFile)(".venv-examples/bin/python", ["-m", "examples.snapshots", made]);
  for (const name of EXAMPLES)
    for (const file of ["train.csv", "train.csv.dvc", "evaluation.csv", "evaluation.csv.dvc"])
      expect(await readFile(join(made, name, "data", file), "utf8"), `${name} ${file}`).toBe(
        await readFile(`examples/${name}/data/${file}`, "utf8"),
      );
});
