// Injects faults and kills at every step of the updates of staging and production, and runs the attacks of tests/attacks.
// Ends with one line of JSON: {"faults", "unwritten", "edits", "kills", "wrongPromotions", "notConverged", "attacks", "attacksPassed"}.
// `npm run torture -- --every 4` runs only every 4th case, for a quick check of a change. `-- --only engine` runs only that part: staging or production
// (faults of their updates), unwritten (evidence that cannot be written), edits (manual edits of the registry), engine (kills, and some faults), attacks.
// All parts together take more than an hour.
import { parseArgs } from "node:util";
import type { EnvironmentName } from "../registry/evidence.ts";
import { type Arena, openArena } from "../tests/helpers/torture/arena.ts";
import { runAttacks } from "../tests/helpers/torture/attacks.ts";
import { allEdits, runEdit } from "../tests/helpers/torture/edit-cases.ts";
import { openEngineArena } from "../tests/helpers/torture/engine-arena.ts";
import { allKills, recordUp, runEngineFault, runKill } from "../tests/helpers/torture/engine-cases.ts";
import { allCases, type CaseResult, recordSteps, runFaultCase } from "../tests/helpers/torture/fault-cases.ts";
import { allUnwritten, JUDGES, runUnwritten } from "../tests/helpers/torture/unwritten-cases.ts";

/** Number of faults per environment that run on the engine; the others run the program's code without an engine. */
const ENGINE_FAULTS = 4;
const ENVIRONMENTS = ["staging", "production"] as const;

const { values } = parseArgs({ options: { every: { type: "string", default: "1" }, only: { type: "string" } } });
const every = Number(values.every);
if (!Number.isInteger(every) || every < 1)
  throw new Error(`--every must be a whole number from 1, got ${values.every}`);
const PARTS = ["staging", "production", "unwritten", "edits", "engine", "attacks"];
if (values.only !== undefined && !PARTS.includes(values.only))
  throw new Error(`--only must be one of ${PARTS.join(", ")}, got ${values.only}`);
const thinned = <T>(cases: readonly T[]): T[] => cases.filter((_, index) => index % every === 0);

const figures = {
  faults: 0,
  unwritten: 0,
  edits: 0,
  kills: 0,
  wrongPromotions: 0,
  notConverged: 0,
  attacks: 0,
  attacksPassed: 0,
};
const details = { failedClearly: 0, savedByRetry: 0, problems: 0, requestsToServices: 0 };

/** Good outcomes of each kind of case, besides a failed update that converges. */
const SAVED = {
  faults: "succeeded by a retry",
  unwritten: "the update did not fail",
  edits: "the edit did no harm",
  kills: "converged",
} as const;

function count(kind: keyof typeof SAVED, result: CaseResult): void {
  const { name, failed, wrongPromotions, notConverged, problems } = result;
  figures[kind]++;
  figures.wrongPromotions += wrongPromotions.length > 0 ? 1 : 0;
  figures.notConverged += notConverged.length > 0 ? 1 : 0;
  details.problems += problems.length > 0 ? 1 : 0;
  if (kind === "faults") details[failed === undefined ? "savedByRetry" : "failedClearly"]++;
  const wrong = [...wrongPromotions, ...notConverged, ...problems];
  const end = failed === undefined ? SAVED[kind] : "failed, converged";
  console.log(`${wrong.length > 0 ? "WRONG " : "ok    "} ${name}: ${wrong.length > 0 ? wrong.join("; ") : end}`);
}

const faultsOf = (environment: EnvironmentName) => () =>
  inArena(async (arena) => {
    const cases = thinned(allCases(environment, await recordSteps(arena, environment)));
    console.log(`${environment}: ${cases.length} faults`);
    for (const faultCase of cases) count("faults", await runFaultCase(arena, faultCase));
  });

/** Runs in its own arena. */
async function inArena(work: (arena: Arena) => Promise<void>): Promise<void> {
  const arena = await openArena();
  try {
    await work(arena);
    details.requestsToServices += arena.asked();
  } finally {
    await arena.close();
  }
}

/** Rejects every write of evidence of a failure. */
const unwritten = () =>
  inArena(async (arena) => {
    for (const judge of JUDGES) {
      const cases = thinned(await allUnwritten(arena, judge));
      console.log(`a failed ${judge}: ${cases.length} rejected writes`);
      for (const one of cases) count("unwritten", await runUnwritten(arena, one));
    }
  });

/** Makes every edit of the registry that its REST API allows. */
const edits = () =>
  inArena(async (arena) => {
    for (const edit of thinned(allEdits())) count("edits", await runEdit(arena, edit));
  });

async function engine(): Promise<void> {
  const arena = await openEngineArena();
  try {
    for (const environment of ENVIRONMENTS) {
      const steps = await recordUp(arena, environment);
      const cases = allCases(environment, steps);
      const stride = Math.ceil(cases.length / ENGINE_FAULTS);
      const chosen = thinned(cases.filter((_, index) => index % stride === 0));
      const kills = thinned(allKills(environment, steps));
      console.log(`up of ${environment}: ${chosen.length} faults, ${kills.length} kills`);
      for (const faultCase of chosen) count("faults", await runEngineFault(arena, faultCase));
      for (const kill of kills) count("kills", await runKill(arena, kill));
    }
  } finally {
    await arena.close();
  }
}

async function attacks(): Promise<void> {
  Object.assign(figures, await runAttacks(process.cwd()));
}

const parts = { staging: faultsOf("staging"), production: faultsOf("production"), unwritten, edits, engine, attacks };
for (const [name, run] of Object.entries(parts)) if (name === (values.only ?? name)) await run();
console.log(JSON.stringify(details));
console.log(JSON.stringify(figures));
const failures = figures.wrongPromotions + figures.notConverged + figures.attacksPassed + details.problems;
if (failures > 0) process.exitCode = 1;
