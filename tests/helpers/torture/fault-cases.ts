import type { EnvironmentName } from "../../../registry/evidence.ts";
import { searchModelVersions } from "../../../registry/model-versions.ts";
import { FAULTS, type Fault, type Step } from "../fault-proxy.ts";
import type { Arena } from "./arena.ts";
import { MODEL } from "./update.ts";

/** A fault at one of an update's requests. */
export interface FaultCase {
  readonly environment: EnvironmentName;
  /** Number of the update's request, from 1. */
  readonly nth: number;
  readonly step: Step;
  readonly fault: Fault;
  /** Whether the fault lasts from there on, or hits only that request. */
  readonly forGood: boolean;
}

export interface CaseResult {
  readonly name: string;
  /** Error of the failed update; undefined if a retry succeeded. */
  readonly failed: string | undefined;
  readonly wrongPromotions: readonly string[];
  readonly notConverged: readonly string[];
  /** Any other problem: an unclear message, a second version, a service that did not respond. */
  readonly problems: readonly string[];
}

/** Runs an update without a fault, and returns its requests. */
export async function recordSteps(arena: Arena, environment: EnvironmentName): Promise<readonly Step[]> {
  arena.proxy.record();
  await arena.update(environment);
  return arena.proxy.steps;
}

/** Whether a fault affects the request, which needs a body to be cut, for example. */
const applies = (fault: Fault, { requestBytes, responseBytes }: Step): boolean => {
  if (fault === "cut-request") return requestBytes > 1;
  return fault === "cut-response" || fault === "half-answer" ? responseBytes > 1 : true;
};

/** Returns the kind of a request, without ids and file names. */
const kindOf = ({ method, path }: Step) => `${method} ${path.replace(/(?<=artifacts\/artifacts\/).*\//, "")}`;
const isFile = ({ path }: Step) => path.includes("artifacts/artifacts/");

/** Returns the numbers, from 1, of the requests that differ from the previous one: not the same call, or another file. */
export const firstOfKind = (steps: readonly Step[]): number[] =>
  steps.flatMap((step, index) => {
    const before = steps[index - 1];
    const same =
      before !== undefined &&
      step.method === before.method &&
      (kindOf(step) === kindOf(before) || (isFile(step) && isFile(before)));
    return same ? [] : [index + 1];
  });

/** Number of faults for each repeated request. */
const ROTATING = 2;

/**
 * Returns every fault at every request. A request like the previous one gets only two faults, which rotate. Half of the faults last, half are
 * transient, alternating between requests and faults.
 */
export function allCases(environment: EnvironmentName, steps: readonly Step[]): FaultCase[] {
  const first = new Set(firstOfKind(steps));
  return steps.flatMap((step, index) => {
    const faults = FAULTS.filter((fault) => applies(fault, step));
    const turn = (index * ROTATING) % faults.length;
    const chosen = first.has(index + 1) ? faults : [...faults, ...faults].slice(turn, turn + ROTATING);
    return chosen.map((fault) => {
      const forGood = (index + FAULTS.indexOf(fault)) % 2 === 0;
      return { environment, nth: index + 1, step, fault, forGood };
    });
  });
}

/** Short time limit and few retries, for tests. */
export const HASTY = { MLFLOW_HTTP_REQUEST_TIMEOUT: "1", MLFLOW_HTTP_REQUEST_MAX_RETRIES: "2" };

export async function hastily<T>(run: () => Promise<T>): Promise<T> {
  Object.assign(process.env, HASTY);
  try {
    return await run();
  } finally {
    for (const name of Object.keys(HASTY)) delete process.env[name];
  }
}

/** Whether an error names the request, the server and the number of attempts. */
export const isClear = (message: string, url: string): boolean =>
  message.includes(`MLflow at ${url} `) &&
  /(GET|POST|PUT|DELETE) mlflow/.test(message) &&
  /\[\d+ attempts? in /.test(message);

const NOT_STRUCK = "the fault did not strike";
/** Number of attempts before a fault that did not strike is reported. */
const MOST_TRIES = 3;

/**
 * Runs one update with the fault, and one without. On a busy machine, another request may time out before the fault's turn. The case has then
 * tested nothing, and is repeated.
 */
export async function runFaultCase(arena: Arena, faultCase: FaultCase, tries = 1): Promise<CaseResult> {
  const result = await tryFaultCase(arena, faultCase);
  const { wrongPromotions, notConverged, problems } = result;
  const wrong = [...wrongPromotions, ...notConverged, ...problems];
  const onlyNotStruck = wrong.length === 1 && problems[0]?.startsWith(NOT_STRUCK);
  return onlyNotStruck && tries < MOST_TRIES ? runFaultCase(arena, faultCase, tries + 1) : result;
}

async function tryFaultCase(arena: Arena, faultCase: FaultCase): Promise<CaseResult> {
  const { environment, nth, step, fault, forGood } = faultCase;
  const { proxy, client } = arena;
  const problems: string[] = [];
  const count = async () => (await searchModelVersions(client, MODEL)).length;
  const versions = await count();
  const run = arena.nextUpdate(environment);
  proxy.record();
  proxy.arm({ fault, nth, forGood });
  const failed = await hastily(run).then(
    () => undefined,
    (error: Error) => error.message,
  );
  if (proxy.hits === 0) problems.push(`${NOT_STRUCK}${failed === undefined ? "" : `: ${failed}`}`);
  if (failed !== undefined && !isClear(failed, proxy.url)) problems.push(`unclear message: ${failed}`);
  const wrong = await arena.wrongPromotions();
  await proxy.disarm();
  if ((await count()) > versions + 1) problems.push("one update registered two versions");

  const notConverged: string[] = [];
  try {
    arena.served[environment] = await run();
    notConverged.push(...(await arena.notConverged(environment)));
  } catch (error) {
    notConverged.push((error as Error).message);
  }
  problems.push(...arena.unanswered());
  return {
    name: `${environment} request ${nth}, ${step.method} ${step.path}: ${fault}${forGood ? " for good" : ""}`,
    failed,
    wrongPromotions: [...wrong, ...(await arena.wrongPromotions())],
    notConverged,
    problems,
  };
}
