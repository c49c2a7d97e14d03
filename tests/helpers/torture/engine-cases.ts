import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { EnvironmentName } from "../../../registry/evidence.ts";
import { getVersionByAlias } from "../../../registry/model-versions.ts";
import type { Step } from "../fault-proxy.ts";
import type { Project } from "../project.ts";
import { recordedTwice } from "./audit.ts";
import type { EngineArena } from "./engine-arena.ts";
import { type CaseResult, type FaultCase, HASTY, isClear } from "./fault-cases.ts";
import { MODEL } from "./update.ts";
import { watch } from "./watcher.ts";

const OTHER = { staging: "production", production: "staging" } as const;

/** Runs an `up` without a fault, and returns its requests. */
export async function recordUp(arena: EngineArena, environment: EnvironmentName): Promise<readonly Step[]> {
  await arena.prepare(environment);
  arena.proxy.record();
  const { exitCode, output } = await arena.project.up(environment);
  if (exitCode !== 0) throw new Error(`an up of ${environment} without a fault failed:\n${output}`);
  return arena.proxy.steps;
}

/**
 * Runs the next `up`, without a fault.
 * @param onward whether it moves to another version: after going back from an unrecorded move, the history has two moves to one version
 * @returns what is wrong afterwards
 */
async function converge(arena: EngineArena, environment: EnvironmentName, onward = true): Promise<string[]> {
  const up = await arena.project.up(environment);
  if (up.exitCode !== 0) return [up.output];
  const again = await arena.project.up(environment, "--expect-no-changes");
  const wrong = [...(await arena.audit(environment)), ...(onward ? await recordedTwice(arena.client) : [])];
  return again.exitCode === 0 ? wrong : [...wrong, again.output];
}

/** Runs a fault case on the engine. */
export async function runEngineFault(arena: EngineArena, faultCase: FaultCase): Promise<CaseResult> {
  const { environment, nth, step, fault, forGood } = faultCase;
  const { project, proxy } = arena;
  await arena.prepare(environment);
  const other = watch(`http://127.0.0.1:${project.ports[OTHER[environment]]}`);
  proxy.record();
  proxy.arm({ fault, nth, forGood });
  Object.assign(process.env, HASTY);
  const { exitCode, output } = await project.up(environment);
  for (const name of Object.keys(HASTY)) delete process.env[name];
  const problems = proxy.hits === 0 ? [`the fault did not strike: ${output}`] : [];
  if (exitCode !== 0 && !isClear(output, proxy.url)) problems.push(`unclear message: ${output}`);
  const wrong = await arena.wrongPromotions();
  await proxy.disarm();
  const notConverged = await converge(arena, environment);
  await other.stop();
  problems.push(...other.failures.map((failure) => `${OTHER[environment]} did not answer: ${failure}`));
  return {
    name: `up of ${environment}, request ${nth}, ${step.method} ${step.path}: ${fault}${forGood ? " for good" : ""}`,
    failed: exitCode === 0 ? undefined : output,
    wrongPromotions: [...wrong, ...(await arena.wrongPromotions())],
    notConverged,
    problems,
  };
}

const UP = ["up", "--yes", "--skip-preview", "--non-interactive", "--stack"];

/** A kill during an update. */
export interface Kill {
  readonly environment: EnvironmentName;
  /** The request to MLflow before which to kill, from 1; or the resource during whose operation to kill. */
  readonly at: number | "service";
  /** For production: whether the next `up` goes back to the former version, instead of finishing this update. */
  readonly back?: boolean;
}

/** Returns a kill before each request of an update, and one while the service is replaced. */
export const allKills = (environment: EnvironmentName, steps: readonly Step[]): Kill[] =>
  (["service", ...steps.map((_, index) => index + 1)] as const).map((at, index) => ({
    environment,
    at,
    back: environment === "production" && index % 2 === 1,
  }));

/** Kills the engine and its child processes with SIGKILL, then runs the next `up`. */
export async function runKill(arena: EngineArena, { environment, at, back = false }: Kill): Promise<CaseResult> {
  const { project, proxy, client } = arena;
  const before = (await getVersionByAlias(client, MODEL, environment))?.version ?? "";
  await arena.prepare(environment);
  const other = watch(`http://127.0.0.1:${project.ports[OTHER[environment]]}`);
  proxy.record();
  const child = project.start(...UP, environment);
  child.stdout.resume();
  child.stderr.resume();
  let ended = false;
  const end = new Promise<void>((done) => child.once("close", () => done())).then(() => {
    ended = true;
  });
  let killed = false;
  const kill = () => {
    killed = true;
    if (child.pid) process.kill(-child.pid, "SIGKILL");
    return false;
  };
  if (at === "service") {
    while (!ended && !(await isPending(project, environment, `${environment}-service`))) await sleep(5);
    if (!ended) kill();
  } else proxy.intercept(at, kill);
  await end;
  // Disarms the kill, in case the update made fewer requests.
  proxy.intercept(0, () => true);
  const wrong = await arena.wrongPromotions();

  const notConverged: string[] = [];
  const problems = killed ? [] : ["the update was over before the kill"];
  // Releases the lock like `cancel`; another test covers `cancel` itself and that it is required.
  await rm(join(project.folder, "state/.pulumi/locks"), { recursive: true, force: true });
  if (back) await project.set(environment, "promotion.version", before);
  notConverged.push(...(await converge(arena, environment, !back)));
  await other.stop();
  problems.push(...other.failures.map((failure) => `${OTHER[environment]} did not answer: ${failure}`));
  const where = at === "service" ? "while the service was exchanged" : `before its request ${at}`;
  return {
    name: `up of ${environment} killed ${where}${back ? ", then back" : ""}`,
    failed: undefined,
    wrongPromotions: [...wrong, ...(await arena.wrongPromotions())],
    notConverged,
    problems,
  };
}

async function isPending({ folder }: Project, stack: string, resource: string): Promise<boolean> {
  const text = await readFile(join(folder, `state/.pulumi/stacks/model-promotion/${stack}.json`), "utf8");
  const pending: { resource: { urn: string } }[] = JSON.parse(text).checkpoint.latest?.pending_operations ?? [];
  return pending.some(({ resource: { urn } }) => urn.endsWith(`::${resource}`));
}
