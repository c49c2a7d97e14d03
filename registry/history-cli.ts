import { parseArgs } from "node:util";
import { readHistory } from "./history.ts";
import { type HistoryEvent, inProductionAt } from "./history-event.ts";
import { parseMoment } from "./history-moment.ts";
import { accessFromEnvironment, MlflowClient } from "./mlflow-client.ts";

const USAGE = `usage: npm run history [-- --at <day or time>] [--model <name>] [--json]
  what happened to production, from the runs of the MLflow experiment <name>-promotions; with --at, what was in production then
  MLFLOW_TRACKING_URI (and _USERNAME, _PASSWORD, _TOKEN): the registry; MODEL_NAME: the model (churn-model)`;

function line({ when, kind, from, to, who, why }: HistoryEvent): string {
  const versions = [from && `from ${from}`, to && `to ${to}`].filter(Boolean).join(" ");
  return `${when.slice(0, 19)}Z  ${kind.padEnd(9)}  ${versions.padEnd(14)}  ${who}  ${why}`;
}

async function main(): Promise<void> {
  const options = {
    at: { type: "string" },
    model: { type: "string", default: process.env.MODEL_NAME || "churn-model" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  } as const;
  const { at, model, json, help } = parseArgs({ options }).values;
  if (help) return console.log(USAGE);
  const moment = at === undefined ? undefined : parseMoment(at);
  const events = await readHistory(new MlflowClient(accessFromEnvironment()), model);
  if (moment === undefined) {
    if (json) return console.log(JSON.stringify(events, null, 2));
    return console.log(events.length === 0 ? `nothing has happened to ${model} yet` : events.map(line).join("\n"));
  }
  const found = inProductionAt(events, moment);
  if (json) return console.log(JSON.stringify({ model, at: moment, version: found?.to ?? null, event: found ?? null }));
  if (!found) return console.log(`${model}: nothing was in production at ${moment}`);
  console.log(`${model}: version ${found.to} was in production at ${moment}\n  ${line(found)}`);
  if (found.report) console.log(`  gate report: ${found.report}`);
}

main().catch((error: unknown) => {
  console.error(`history: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
});
