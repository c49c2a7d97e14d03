import type { EnvironmentName } from "../../../registry/evidence.ts";
import { searchModelVersions } from "../../../registry/model-versions.ts";
import { FAULTS, type Fault, type Step } from "../fault-proxy.ts";
import type { Arena } from "./arena.ts";
import { MODEL } from "./update.ts";

/** A fault at one of the requests that an update makes. */
export interface FaultCase {
  readonly environment: EnvironmentName;
  /** Which of the update's requests, from 1. */
  readonly nth: number;
  readonly step: Step;
  readonly fault: Fault;
  /** Nothing but that fault from there on, or that one only. */
  readonly forGood: boolean;
}

export interface CaseResult {
  readonly name: string;
  /** What the update said when it failed; undefined when a retry saved it. */
  readonly failed: string | undefined;
  readonly wrongPromotions: readonly string[];
  readonly notConverged: readonly string[];
  /** Anything else that is not as it must be: an unclear message, a second version, a service that did not answer. */
  readonly problems: readonly string[];
}

/** Runs an update without a fault and answers its requests. */
export async function recordSteps(arena: Arena, environment: EnvironmentName): Promise<readonly Step[]> {
  arena.proxy.record();
  await arena.update(environment);
  return arena.proxy.steps;
}

/** Faults that the request cannot tell from no fault at all are left out. */
const applies = (fault: Fault, { requestBytes, responseBytes }: Step): boolean => {
  if (fault === "cut-request") return requestBytes > 1;
  return fault === "cut-response" || fault === "half-answer" ? responseBytes > 1 : true;
};

/** What a request asks for, without ids and names of files. */
const kindOf = ({ method, path }: Step) => `${method} ${path.replace(/(?<=artifacts\/artifacts\/).*\//, "")}`;
const isFile = ({ path }: Step) => path.includes("artifacts/artifacts/");

/** Numbers, from 1, of the requests that are not just like the one before: the same call, or another file. */
export const firstOfKind = (steps: readonly Step[]): number[] =>
  steps.flatMap((step, index) => {
    const before = steps[index - 1];
    const same =
      before !== undefined &&
      step.method === before.method &&
      (kindOf(step) === kindOf(before) || (isFile(step) && isFile(before)));
    return same ? [] : [index + 1];
  });

/** How many faults the other requests of a row get. */
const ROTATING = 2;

/**
 * Every fault at every request, but for those that are just like the one before: each of them gets two, which change along the
 * row. Half of the faults stay, half of them pass: that changes from request to request and from fault to fault.
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

/** Tries with a time limit that a test can wait for. */
export const HASTY = { MLFLOW_HTTP_REQUEST_TIMEOUT: "1", MLFLOW_HTTP_REQUEST_MAX_RETRIES: "2" };

export async function hastily<T>(run: () => Promise<T>): Promise<T> {
  Object.assign(process.env, HASTY);
  try {
    return await run();
  } finally {
    for (const name of Object.keys(HASTY)) delete process.env[name];
  }
}

/** What a failed update must say: what was asked of which server, and how often. */
export const isClear = (message: string, url: string): boolean =>
  message.includes(`MLflow at ${url} `) &&
  /(GET|POST|PUT|DELETE) mlflow/.test(message) &&
  /\[\d+ attempts? in /.test(message);

const NOT_STRUCK = "the fault did not strike";
/** How often a case is made before it counts that its fault did not strike. */
const MOST_TRIES = 3;

/**
 * One update with the fault, one without. On a machine that others keep busy another request may run out of its second before it is the
 * fault's turn: then nothing was tried, and the case is made again.
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
    ...{ failed, wrongPromotions: [...wrong, ...(await arena.wrongPromotions())], notConverged, problems },
  };
}
