// Shows what was in production when, and why: npm run history [-- --at <day or time>]
import { parseArgs } from "node:util";
import { printable } from "../data/printable.ts";
import { readWholeHistory } from "../registry/history.ts";
import { EVENTS, type HistoryEvent, inProductionAt, openAttempt, withoutEnded } from "../registry/history-event.ts";
import { historyExperiment } from "../registry/history-experiment.ts";
import { parseMoment } from "../registry/history-moment.ts";
import { accessFromEnvironment, MlflowClient } from "../registry/mlflow-client.ts";
import { modelsWithHistory } from "../registry/models-with-history.ts";
import { readProductionState, withoutHistory } from "../registry/production-state.ts";
import { NAMING_USAGE, nameModel, registryFromEnvironment } from "./named-model.ts";
import { engineNamed } from "./pulumi-run.ts";
import { requireModel } from "./registered-models.ts";
import { reportFailure } from "./terminal.ts";

const USAGE = `usage: npm run history [-- --at <day or time>] [--stack <name> | --model <name>] [--json]
  lists what happened to production, from the runs of the MLflow experiment <model>-promotions; with --at, shows what was in production then
  Each event is one line. Long reasons are cut off with …; --json has the full text
  Without --stack and --model, it uses the only model that has a history at MLFLOW_TRACKING_URI. If there are several, it lists them
${NAMING_USAGE}`;

const OPTIONS = {
  at: { type: "string" },
  stack: { type: "string", short: "s" },
  model: { type: "string" },
  cwd: { type: "string" },
  engine: { type: "string", default: "pulumi" },
  json: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

const KIND_WIDTH = Math.max(...EVENTS.map((kind) => kind.length));

/** Longest reason in a line, characters. */
const LONGEST_REASON = 160;

/** Returns the first line of a reason. */
function shortReason(why: string): string {
  const [first = "", ...more] = why.trim().split("\n");
  if (first.length > LONGEST_REASON) return `${first.slice(0, LONGEST_REASON - 1).trimEnd()}…`;
  return more.length > 0 ? `${first} …` : first;
}

function line({ when, kind, from, to, who, why }: HistoryEvent): string {
  // A withdrawal moves nothing.
  const into = kind === "withdrawal" ? "version" : "to";
  const versions = [from && `from ${from}`, to && `${into} ${to}`].filter(Boolean).join(" ");
  return `${when.slice(0, 19)}Z  ${kind.padEnd(KIND_WIDTH)}  ${versions.padEnd(14)}  ${who}  ${shortReason(why)}`;
}

/** Limits a moment to now, because `--at <today>` means the end of a day that is not over yet. */
const untilNow = (moment: string): string => {
  const now = new Date().toISOString();
  return moment < now ? moment : now;
};

async function main(): Promise<void> {
  const { values } = parseArgs({ options: OPTIONS });
  if (values.help) return console.log(USAGE);
  const { at, json } = values;
  const moment = at === undefined ? undefined : untilNow(parseMoment(at));
  const { client, model } = await findSubject(values);
  if (model === undefined) {
    const none = `no model has a history at ${client.trackingUri}: nothing has been promoted there yet`;
    if (moment === undefined) return console.log(json ? "[]" : none);
    return console.log(json ? JSON.stringify({ model: null, at: moment, version: null, event: null }) : none);
  }
  const { events, isDeleted, renamedTo } = await readWholeHistory(client, model);
  // A stack's model may not have been trained yet.
  if (events.length === 0 && values.stack === undefined) await requireModel(client, model);
  if (isDeleted)
    console.error(
      `history: the experiment ${historyExperiment(model)} was deleted in MLflow; the next update of production restores it`,
    );
  if (renamedTo !== undefined)
    console.error(
      `history: the experiment ${historyExperiment(model)} was renamed to ${printable(renamedTo)} in MLflow; it is found by its id, and new events go there`,
    );
  const lost = events.length === 0 ? withoutHistory(await readProductionState(client, model)) : undefined;
  if (lost && (json || moment !== undefined)) console.error(`history: ${lost}`);
  if (moment === undefined) {
    if (json) return console.log(JSON.stringify(events, null, 2));
    if (events.length === 0) return console.log(lost ?? `${model} has no history yet`);
    return console.log(withoutEnded(events).map(line).join("\n"));
  }
  const found = inProductionAt(events, moment);
  const open = openAttempt(events.filter(({ when }) => when <= moment));
  if (json)
    return console.log(
      JSON.stringify({ model, at: moment, version: found?.to ?? null, event: found ?? null, attempt: open ?? null }),
    );
  if (open)
    console.log(
      `An update to version ${open.to} began at ${open.when} and has no recorded end: it was still running or was cut off, so callers may have reached that version`,
    );
  if (!found) return console.log(`${model}: nothing was in production at ${moment}`);
  console.log(`${model}: version ${found.to} was in production at ${moment}\n  ${line(found)}`);
  if (found.report) console.log(`  gate report: ${found.report}`);
}

interface Selection {
  readonly stack?: string | undefined;
  readonly model?: string | undefined;
  readonly cwd?: string | undefined;
  readonly engine: string;
}

interface Subject {
  readonly client: MlflowClient;
  /** Undefined if no model of the registry has a history. */
  readonly model: string | undefined;
}

/** Returns the named model, or the only one in the registry that has a history. */
async function findSubject({ stack, model, cwd, engine }: Selection): Promise<Subject> {
  if (stack ?? model ?? (process.env.MODEL_NAME || undefined)) {
    const named = await nameModel({ stack, model }, { engine: engineNamed(engine), cwd }, undefined);
    const access = accessFromEnvironment({ ...process.env, MLFLOW_TRACKING_URI: named.trackingUri });
    return { client: new MlflowClient(access), model: named.modelName };
  }
  const access = accessFromEnvironment({ ...process.env, MLFLOW_TRACKING_URI: registryFromEnvironment(process.env) });
  const client = new MlflowClient(access);
  const [only, ...more] = await modelsWithHistory(client);
  if (more.length > 0)
    throw new Error(
      `several models have a history at ${client.trackingUri}: ${[only, ...more].join(", ")}. Name one with --model <name>`,
    );
  return { client, model: only };
}

main().catch(reportFailure("history"));
