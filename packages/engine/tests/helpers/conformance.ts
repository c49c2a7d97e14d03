/**
 * Replays a recorded scenario and describes what differs from the recording. README.md beside the recordings describes what is
 * compared; nothing else is left out.
 * @module
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bindings, boundPairs, type Entry, sorted } from "./compare.ts";
import { type Cli, CONFORMANCE, type Result, Workspace } from "./scenario.ts";

export interface Step {
  /** `import` is `stack import` of a file of the scenario's folder, which `args` name. */
  readonly command: "preview" | "up" | "refresh" | "destroy" | "state" | "import";
  /** Further arguments of the command. */
  readonly args?: readonly string[];
  readonly variant?: number;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly cloud?: { readonly delete?: readonly string[]; readonly set?: Readonly<Record<string, object>> };
}
interface StateEntry extends Entry {
  readonly id?: string;
}
interface State {
  readonly resources: readonly StateEntry[];
  readonly pending_operations: readonly unknown[];
}
// The recordings' own script, which has no types.
const normaliser: string = join(CONFORMANCE, "normalise.mjs");
const { normalise } = (await import(normaliser)) as { normalise(exported: unknown): State };

export interface Recorded {
  readonly step: Step;
  readonly exit: number;
  readonly journal: readonly string[];
  /** Every printed error, if the recording has any; for an update, only the first lines. */
  readonly errors?: readonly string[];
  /** What `state` printed. */
  readonly said?: string;
  readonly steps?: readonly { readonly op: string; readonly urn: string }[];
  readonly changeSummary?: Readonly<Record<string, number>>;
  readonly result?: string;
  readonly resourceChanges?: Readonly<Record<string, number>>;
  readonly state?: State;
  readonly outputs?: unknown;
}

export const readRecording = (name: string): { steps: Recorded[] } =>
  JSON.parse(readFileSync(join(CONFORMANCE, "scenarios", name, "expected.json"), "utf8"));

async function prepare(workspace: Workspace, step: Step): Promise<void> {
  const commands = [
    ...Object.entries(step.config ?? {}).flatMap(([key, value]) => setStructured(key, value)),
    ...Object.entries(step.secrets ?? {}).map(([key, value]) => ["config", "set", "--secret", key, value]),
    ...(step.variant === undefined ? [] : [["config", "set", "variant", String(step.variant)]]),
  ];
  if (commands.length > 0) await workspace.batch(...commands);
  const file = join(workspace.cloud, "cloud.json");
  if (!step.cloud || !existsSync(file)) return;
  const cloud = JSON.parse(readFileSync(file, "utf8")) as Record<string, object>;
  for (const id of step.cloud.delete ?? []) delete cloud[id];
  for (const [id, props] of Object.entries(step.cloud.set ?? {})) cloud[id] = { ...cloud[id], ...props };
  writeFileSync(file, JSON.stringify(cloud));
}

/** Structured config has no verb, so every leaf is set by its path. */
function setStructured(path: string, value: unknown): string[][] {
  if (value !== null && typeof value === "object")
    return Object.entries(value).flatMap(([key, inner]) =>
      setStructured(Array.isArray(value) ? `${path}[${key}]` : `${path}.${key}`, inner),
    );
  const type = typeof value === "number" && !Number.isInteger(value) ? ["--type", "float"] : [];
  return [["config", "set", "--path", ...type, path, String(value)]];
}

function command({ command: verb, args = [] }: Step, folder: string): string[] {
  const stack = ["--non-interactive", "--stack", "test"];
  if (verb === "state") return [verb, ...args, "--yes", ...stack];
  if (verb === "import") return ["stack", verb, "--file", join(folder, args[0] ?? ""), ...stack];
  return [
    verb,
    ...(verb === "preview" ? ["--json"] : ["--yes", "--skip-preview"]),
    "--parallel",
    "1",
    ...stack,
    ...args,
  ];
}

export interface Played extends Omit<Recorded, "step"> {
  readonly output: Result;
}

export async function play(workspace: Workspace, step: Step): Promise<Played> {
  await prepare(workspace, step);
  const before = workspace.journal().length;
  const output = await workspace.engine(command(step, workspace.scenarioFolder));
  const fatal = output.stderr.split("\n").filter((line) => line.startsWith("error: "));
  const printed = output.stdout.slice(output.stdout.indexOf("Diagnostics:")).match(/^ {4}error: .*/gm) ?? [];
  const reasons = printed.map((line) => line.trim()).filter((line) => !VERDICT.test(line));
  const base = { exit: output.exit, journal: workspace.journal().slice(before), output };
  if (step.command === "preview") {
    const digest = JSON.parse(output.stdout === "" ? "{}" : output.stdout) as {
      steps?: Record<string, unknown>[];
      changeSummary?: Record<string, number>;
      diagnostics?: { message: string; severity: string }[];
    };
    const diagnostics = (digest.diagnostics ?? []).filter(({ severity }) => severity === "error");
    const errors = [...diagnostics.map(({ message }) => message.trim()), ...fatal];
    const steps = (digest.steps ?? []).map(({ op, urn, diffReasons, replaceReasons, detailedDiff }) =>
      JSON.parse(JSON.stringify({ op, urn, diffReasons, replaceReasons, detailedDiff: detailedDiff ?? undefined })),
    );
    return { ...base, ...withErrors(errors), steps, changeSummary: digest.changeSummary ?? {} };
  }
  const [history, exported, outputs] = (
    await workspace.batch(
      ["stack", "history", "--json", "--page-size", "1"],
      ["stack", "export", "--show-secrets"],
      ["stack", "output", "--json", "--show-secrets"],
    )
  ).map((text) => JSON.parse(text));
  const [last] = history as { result: string; resourceChanges: Record<string, number> }[];
  // Where the recording ran is not part of the recording.
  const text = JSON.stringify(normalise(exported)).replaceAll(workspace.cloud, "<work>/cloud");
  const after = { state: JSON.parse(text) as State, outputs };
  if (step.command === "state" || step.command === "import")
    return { ...base, ...(step.command === "state" && { said: output.stdout + output.stderr }), ...after };
  return {
    ...base,
    ...withErrors([...reasons, ...fatal]),
    result: last?.result ?? "",
    resourceChanges: last?.resourceChanges ?? {},
    ...after,
  };
}

/** The CLI repeats this under the reason of every failure. */
const VERDICT = /^error: (update|preview) failed$/;
const withErrors = (errors: readonly string[]) => (errors.length > 0 ? { errors } : {});

/** The diffs of preview steps: the first recordings hold reasons only; one that holds diffs is compared with them. */
const likeRecorded = (recorded: readonly object[], played: readonly object[]): readonly object[] =>
  recorded.some((step) => Object.hasOwn(step, "detailedDiff"))
    ? played
    : played.map((step) => Object.fromEntries(Object.entries(step).filter(([key]) => key !== "detailedDiff")));

class Differences {
  readonly found: string[] = [];
  #place = "";
  at(place: string): void {
    this.#place = place;
  }
  same(what: string, recorded: unknown, played: unknown): void {
    const [a, b] = [JSON.stringify(recorded), JSON.stringify(played)];
    if (a !== b) this.found.push(`${this.#place}: ${what}\n  recorded ${a}\n  engine   ${b}`);
  }
}

/** Journal lines speak of ids; an id may stand for several resources, and a failed create has only a label. */
function urnsOfLine(line: string, ids: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const [verb = "", ...rest] = line.split(" ");
  const text = rest.join(" ");
  return [...ids].flatMap(([id, urns]) => {
    const names = text === id || text.startsWith(`${id} `) || (verb === "create-failed" && id.endsWith(`-${text}`));
    return names ? [...urns] : [];
  });
}

/** Everything that differs, in words; an empty list is a pass. */
export const playScenario = (name: string, cli?: Cli): Promise<string[]> =>
  playRecorded(name, readRecording(name).steps, Workspace.scenario(name, cli));

export async function playRecorded(name: string, steps: readonly Recorded[], workspace: Workspace): Promise<string[]> {
  const differences = new Differences();
  const states = steps.map(({ state }) => state?.resources ?? []);
  const bound = bindings(states);
  const ids = new Map<string, Set<string>>();
  for (const { id, urn } of states.flat()) if (id) ids.set(id, (ids.get(id) ?? new Set()).add(urn));
  const related = (a: string, b: string) => a === b || bound.get(a)?.has(b) === true || bound.get(b)?.has(a) === true;
  const lines = (a: string, b: string) => urnsOfLine(a, ids).some((x) => urnsOfLine(b, ids).some((y) => related(x, y)));
  try {
    await workspace.ok("stack", "init", "test");
    for (const [i, recorded] of steps.entries()) {
      const played = await play(workspace, recorded.step);
      differences.at(
        `${name}, step ${i} (${recorded.step.command} ${recorded.step.args?.join(" ") ?? recorded.step.variant ?? ""})`,
      );
      differences.same("exit code", recorded.exit, played.exit);
      differences.same("journal", sorted(recorded.journal), sorted(played.journal));
      differences.same(
        "order of the journal",
        boundPairs(recorded.journal, String, lines),
        boundPairs(played.journal, String, lines),
      );
      compareStep(differences, recorded, played, related);
      if (recorded.errors) differences.same("errors", sorted(recorded.errors), sorted(played.errors ?? []));
      if (recorded.said !== undefined) differences.same("what it said", recorded.said, played.said);
      if (differences.found.length > 0) {
        differences.found.push(played.output.stdout.slice(-4_000), played.output.stderr.slice(-2_000));
        break;
      }
    }
  } finally {
    workspace.remove();
  }
  return differences.found;
}

function compareStep(
  differences: Differences,
  recorded: Recorded,
  played: Played,
  related: (a: string, b: string) => boolean,
): void {
  if (recorded.steps) {
    const steps = likeRecorded(recorded.steps, played.steps ?? []);
    differences.same("preview steps", sorted(recorded.steps), sorted(steps));
    const key = ({ urn }: { urn: string }) => urn;
    differences.same(
      "order of the preview",
      boundPairs(recorded.steps, key, related),
      boundPairs(played.steps ?? [], key, related),
    );
    differences.same("change summary", sortKeys(recorded.changeSummary), sortKeys(played.changeSummary));
    return;
  }
  differences.same("result", recorded.result, played.result);
  differences.same("resource changes", sortKeys(recorded.resourceChanges), sortKeys(played.resourceChanges));
  const [before, after] = [recorded.state?.resources ?? [], played.state?.resources ?? []];
  for (const [i, entry] of sorted(before).entries())
    differences.same("a resource of the state", JSON.parse(entry), JSON.parse(sorted(after)[i] ?? "null"));
  differences.same("number of resources", before.length, after.length);
  const key = ({ urn }: Entry) => urn;
  differences.same("order of the state", boundPairs(before, key, related), boundPairs(after, key, related));
  differences.same("pending operations", recorded.state?.pending_operations, played.state?.pending_operations);
  differences.same("outputs", sortKeys(recorded.outputs), sortKeys(played.outputs));
}

const sortKeys = (value: unknown): unknown => {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(sortKeys);
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([k, v]) => [k, sortKeys(v)]),
  );
};
