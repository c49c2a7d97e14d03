/**
 * `stack ls`: lists the stacks of the project or of the whole backend.
 * @module
 */
import type { Json } from "../properties/stored.ts";
import { listStacks, loadDeployment, readCheckpointText } from "../state/backend.ts";
import { qualifiedName, type StackName } from "../state/layout.ts";
import { flag, parseArguments, text } from "./arguments.ts";
import { Context } from "./context.ts";
import { printJson, printTable } from "./table.ts";

export async function ls(args: readonly string[]): Promise<number> {
  const table = {
    json: { kind: "boolean", short: "j" },
    all: { kind: "boolean", short: "a" },
    project: { kind: "string", short: "p" },
  } as const;
  const parsed = parseArguments(args, table, "stack ls");
  const context = new Context(parsed);
  const all = flag(parsed, "all");
  const project = text(parsed, "project") ?? (context.hasProject && !all ? context.project.name : undefined);
  const current = context.selected();
  const rows = listStacks(context.layout)
    .filter((name) => project === undefined || name.project === project)
    .map((name) => describe(context, name, current, project === undefined));
  if (flag(parsed, "json")) printJson(rows);
  else
    printTable(
      ["NAME", "LAST UPDATE", "RESOURCE COUNT"],
      rows.map((row) => [row.name + (row.current ? "*" : ""), ago(row.lastUpdate), String(row.resourceCount)]),
    );
  return 0;
}

function describe(context: Context, name: StackName, current: StackName | undefined, full: boolean) {
  const { resources } = loadDeployment(context.layout, name);
  const parsed = JSON.parse(readCheckpointText(context.layout, name)) as {
    checkpoint?: { latest?: { manifest?: { time?: Json } } };
  };
  const time = parsed.checkpoint?.latest?.manifest?.time;
  return {
    name: full ? qualifiedName(name) : name.stack,
    current: current !== undefined && qualifiedName(current) === qualifiedName(name),
    ...(typeof time === "string" ? { lastUpdate: new Date(time).toISOString() } : {}),
    resourceCount: resources.length,
  };
}

function ago(time: string | undefined): string {
  if (time === undefined) return "n/a";
  const seconds = Math.round((Date.now() - Date.parse(time)) / 1000);
  if (seconds < 2) return "now";
  const [count, unit] =
    seconds < 60
      ? [seconds, "second"]
      : seconds < 3600
        ? [Math.floor(seconds / 60), "minute"]
        : seconds < 86_400
          ? [Math.floor(seconds / 3600), "hour"]
          : [Math.floor(seconds / 86_400), "day"];
  return `${count} ${unit}${count === 1 ? "" : "s"} ago`;
}
