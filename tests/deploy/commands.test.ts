import { appendFile, cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { json, serve } from "../helpers/http-server.ts";
import { onTerminal } from "../helpers/on-terminal.ts";
import { run, withoutNames } from "./run-command.ts";

// Each test starts several processes.
vi.setConfig({ testTimeout: 60_000 });

// Runs the commands as processes against a small registry that records writes.
vi.setConfig({ testTimeout: 60_000 });
const WITHDRAW = "deploy/withdraw.ts";
const HISTORY = "deploy/history.ts";

/** Has the models churn and fraud, their versions 1 and 2, 2 in production, and these histories. */
async function registryWith(...histories: string[]) {
  const runs: object[] = [];
  const server = await serve(({ path, body }, response) => {
    const url = new URL(path, "http://localhost");
    const asked = { ...Object.fromEntries(url.searchParams), ...(body ? JSON.parse(body) : {}) };
    const version = (number: string) => ({
      model_version: { name: asked.name, version: number, run_id: "r", current_stage: "None", source: "s" },
    });
    const what = url.pathname.replace("/api/2.0/mlflow/", "");
    const isThere = ["churn", "fraud"].includes(asked.name) && asked.version <= 2;
    if (what === "model-versions/get" && !isThere)
      return json(response, { error_code: "RESOURCE_DOES_NOT_EXIST", message: "Model Version not found" }, 404);
    if (what === "model-versions/get") return json(response, version(asked.version));
    if (what === "model-versions/search" && /churn|fraud/.test(asked.filter))
      return json(response, { model_versions: ["2", "1"].map((number) => version(number).model_version) });
    if (what === "registered-models/search") {
      const models = ["churn", "fraud"].filter((name) => !asked.filter || asked.filter === `name='${name}'`);
      return json(response, { registered_models: models.map((name) => ({ name })) });
    }
    if (what === "registered-models/alias") return json(response, version("2"));
    if (what === "experiments/search")
      return json(response, { experiments: histories.map((model) => ({ name: `${model}-promotions` })) });
    if (what === "experiments/get-by-name") return json(response, { experiment: { experiment_id: "1" } });
    if (what === "runs/search") return json(response, { runs });
    if (what === "runs/create") return json(response, { run: { info: { run_id: "r", artifact_uri: "a" } } });
    return json(response, {});
  });
  const written = () =>
    server.requests.filter(({ path }) => path.includes("set-tag")).map(({ body }) => JSON.parse(body));
  return { url: server.url, runs, written, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

test("withdraw does not guess the model", async () => {
  await using registry = await registryWith();
  const { exitCode, err } = await run(WITHDRAW, ["2", "--reason", "x", "--yes"], { MLFLOW_TRACKING_URI: registry.url });
  expect({ exitCode, err }).toEqual({
    exitCode: 1,
    err: "withdraw: no model given: name the stack with --stack <name>, or the model with --model <name> (or MODEL_NAME)\n",
  });
  expect(registry.written()).toEqual([]);
});

test("without a terminal, withdraw shows the plan and requires --yes", async () => {
  await using registry = await registryWith();
  const env = { MLFLOW_TRACKING_URI: registry.url };
  const args = ["2", "--reason", "leaks names", "--model", "fraud"];
  const refused = await run(WITHDRAW, args, env);
  expect(refused).toMatchObject({
    exitCode: 1,
    out: [
      "withdraw    fraud version 2: leaks names",
      `registry    ${registry.url}`,
      "version     stage None, gate has not judged it",
      "production  version 2",
      "changes     every later `up` of production refuses the version, and so does every rollback",
      "            it is in production and keeps serving until a rollback or another promotion",
      "",
    ].join("\n"),
    err: "withdraw: nothing was changed: there is no terminal to confirm on. Add --yes to apply the changes above\n",
  });
  expect(registry.written()).toEqual([]);
  expect(await run(WITHDRAW, [...args, "--yes"], env)).toMatchObject({ exitCode: 0, err: "" });
  expect(registry.written()).toContainEqual({
    name: "fraud",
    version: "2",
    key: "gate.withdrawn",
    value: "leaks names",
  });
});

test("withdraw of the version in production shows the rollback for the same engine and folder", async () => {
  await using registry = await registryWith();
  const cwd = await mkdtemp(join(tmpdir(), "commands-"));
  onTestFinished(() => rm(cwd, { recursive: true, force: true }));
  await cp("Pulumi.yaml", join(cwd, "Pulumi.yaml"));
  const mlflow = `"model-promotion:mlflow": { trackingUri: "${registry.url}" }`;
  const config = `config: { "model-promotion:environment": production, "model-promotion:modelName": fraud, ${mlflow} }`;
  await writeFile(join(cwd, "Pulumi.live.yaml"), config);
  const args = ["2", "--reason", "x", "--yes", "--stack", "live", "--cwd", cwd];
  const back = "To go back to the last good version: npm run rollback -- --stack live";
  expect((await run(WITHDRAW, args, {})).out).toContain(`${back} --cwd ${cwd}\n`);
  expect((await run(WITHDRAW, [...args, "--engine", "embedded"], {})).out).toContain(
    `${back} --engine embedded --cwd ${cwd}\n`,
  );
});

test("on a terminal, withdraw prompts for the stack and a confirmation, and changes nothing without a yes", async () => {
  await using registry = await registryWith();
  const cwd = await mkdtemp(join(tmpdir(), "commands-"));
  onTestFinished(() => rm(cwd, { recursive: true, force: true }));
  await cp("Pulumi.yaml", join(cwd, "Pulumi.yaml"));
  const file = join(cwd, "Pulumi.fraud-live.yaml");
  await appendFile(
    file,
    `config: { m:x: 1, "model-promotion:environment": production, "model-promotion:modelName": fraud, "model-promotion:mlflow": { trackingUri: "${registry.url}" } }`,
  );
  const command = [process.execPath, WITHDRAW, "1", "--reason", "old", "--cwd", cwd];
  const env = withoutNames({});
  const no = await onTerminal(command, {
    env,
    answers: [
      ["Number or name: ", "1"],
      ["Continue? y/N ", ""],
    ],
  });
  expect(no.output).toContain("  1  fraud-live  production of fraud, target docker");
  expect(no.output).toContain(`withdraw    fraud version 1: old\nregistry    ${registry.url}\n`);
  expect(no.output).toContain("Nothing was changed.");
  expect(registry.written()).toEqual([]);
  const yes = await onTerminal(command, {
    env,
    answers: [
      ["Number or name: ", "fraud-live"],
      ["Continue? y/N ", "y"],
    ],
  });
  expect(yes).toMatchObject({ exitCode: 0, output: expect.stringContaining("fraud version 1 is withdrawn: old") });
  // Three tags of the version, and the model's tag with the history's id.
  expect(registry.written()).toHaveLength(4);
});

test("history uses the only model that has a history, and lists several", async () => {
  await using one = await registryWith("fraud");
  expect(await run(HISTORY, [], { MLFLOW_TRACKING_URI: one.url })).toMatchObject({
    ...{ exitCode: 0, out: "fraud has no history yet\n" },
  });
  await using none = await registryWith();
  expect(await run(HISTORY, [], { MLFLOW_TRACKING_URI: none.url })).toMatchObject({
    ...{ exitCode: 0, out: `no model has a history at ${none.url}: nothing has been promoted there yet\n` },
  });
  await using several = await registryWith("fraud", "churn");
  expect(await run(HISTORY, [], { MLFLOW_TRACKING_URI: several.url })).toMatchObject({
    exitCode: 1,
    err: `history: several models have a history at ${several.url}: churn, fraud. Name one with --model <name>\n`,
  });
  expect(await run(HISTORY, ["--model", "churn"], { MLFLOW_TRACKING_URI: several.url })).toMatchObject({
    ...{ exitCode: 0, out: "churn has no history yet\n" },
  });
});

const eventOf = (start_time: number, event: Record<string, string>) => ({
  info: { run_id: "r", start_time },
  data: { tags: Object.entries(event).map(([key, value]) => ({ key: `promotion.${key}`, value })) },
});

test("history aligns its columns, and shows a withdrawal as no move", async () => {
  await using registry = await registryWith("churn");
  registry.runs.push(
    eventOf(0, { event: "promotion", to: "1", who: "ada", why: "passed" }),
    eventOf(1000, { event: "withdrawal", to: "1", who: "ada", why: "leaks names" }),
  );
  expect((await run(HISTORY, [], { MLFLOW_TRACKING_URI: registry.url })).out.split("\n")).toEqual([
    "1970-01-01T00:00:00Z  promotion   to 1            ada  passed",
    "1970-01-01T00:00:01Z  withdrawal  version 1       ada  leaks names",
    "",
  ]);
});

test("history shows the first line of a long failure; --json has the full text", async () => {
  await using registry = await registryWith("churn");
  const reason = `Deployment churn did not get its pods in 180 s\n  pod churn-1\u001b[2K does not run\n${"x".repeat(2000)}`;
  registry.runs.push(
    eventOf(0, { event: "failure", to: "2", who: "ada", why: reason }),
    eventOf(1000, { event: "failure", to: "2", who: "ada", why: "y".repeat(400) }),
    eventOf(2000, { event: "failure", to: "2", who: "ada\nbob", why: "\n  indented" }),
  );
  const env = { MLFLOW_TRACKING_URI: registry.url };
  expect((await run(HISTORY, [], env)).out.split("\n")).toEqual([
    "1970-01-01T00:00:00Z  failure     to 2            ada  Deployment churn did not get its pods in 180 s …",
    `1970-01-01T00:00:01Z  failure     to 2            ada  ${"y".repeat(159)}…`,
    "1970-01-01T00:00:02Z  failure     to 2            ada\\u000abob  indented",
    "",
  ]);
  const [first] = JSON.parse((await run(HISTORY, ["--json"], env)).out);
  // Invisible characters are shown as their codes; only line ends are kept.
  expect(first.why).toBe(reason.replace("\u001b", "\\u001b"));
});

test("history without a stack or registry explains how to name one", async () => {
  expect(await run(HISTORY, [], {})).toMatchObject({
    exitCode: 1,
    err: expect.stringMatching(
      /^history: MLFLOW_TRACKING_URI is not set\. .*, or name the stack with --stack <name>\n$/,
    ),
  });
});

test("history --at with today's date means now, not the end of the day", async () => {
  await using registry = await registryWith("churn");
  registry.runs.push(eventOf(0, { event: "promotion", to: "1" }));
  const env = { MLFLOW_TRACKING_URI: registry.url };
  const { out } = await run(HISTORY, ["--json", "--at", new Date().toISOString().slice(0, 10)], env);
  const { at, version } = JSON.parse(out) as { at: string; version: string };
  expect(version).toBe("1");
  expect(Date.parse(at)).toBeLessThanOrEqual(Date.now());
  const past = await run(HISTORY, ["--json", "--at", "1970-01-02"], env);
  expect(JSON.parse(past.out)).toMatchObject({ at: "1970-01-02T23:59:59.999Z" });
});

test("the error for an unregistered model or version lists the registered ones", async () => {
  await using registry = await registryWith("churn");
  const env = { MLFLOW_TRACKING_URI: registry.url };
  const none = `no model nope is registered at ${registry.url}: it has churn, fraud\n`;
  const history = await run(HISTORY, ["--model", "nope"], env);
  expect(history).toEqual({ exitCode: 1, out: "", err: `history: ${none}` });
  const withdraw = (version: string, model: string) =>
    run(WITHDRAW, [version, "--reason", "x", "--yes", "--model", model], env);
  expect(await withdraw("2", "nope")).toEqual({ exitCode: 1, out: "", err: `withdraw: ${none}` });
  expect(await withdraw("9", "churn")).toEqual({
    ...{ exitCode: 1, out: "" },
    err: "withdraw: the registry has no version 9 of churn; it has 1, 2\n",
  });
  expect(registry.written()).toEqual([]);
});

test("gate and rollback do not guess the stack", async () => {
  const env = { MLFLOW_TRACKING_URI: "http://127.0.0.1:9" };
  const gate = await run("training/gate/cli.ts", ["--version", "1"], env);
  expect(gate).toMatchObject({
    exitCode: 3,
    err: "gate: no model given: name the stack with --stack <name>, or --policy <file> together with --model <name> (or MODEL_NAME)\n",
  });
  expect(await run("deploy/rollback.ts", ["--yes"], env)).toMatchObject({
    exitCode: 1,
    err: "rollback: no model given: name the stack with --stack <name>\n",
  });
  expect(await run("deploy/rollback.ts", ["--yes", "--stack", "staging"], env)).toMatchObject({
    exitCode: 1,
    err: "rollback: stack staging is a staging stack: a rollback needs a production stack. Name one with --stack <name>\n",
  });
});

test("gate rejects an empty policy file instead of using the stack's policy", async () => {
  const folder = await mkdtemp(join(tmpdir(), "commands-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const policy = join(folder, "empty.yaml");
  await writeFile(policy, "# accuracy: { min: 0.85 }\n");
  await using registry = await registryWith();
  const args = ["--version", "1", "--stack", "staging", "--policy", policy];
  expect(await run("training/gate/cli.ts", args, { MLFLOW_TRACKING_URI: registry.url })).toMatchObject({
    exitCode: 3,
    err: expect.stringContaining(`gate: ${policy}: the policy must be an object, got null\n`),
  });
});

test("deploy accepts any stack, and requires --yes without a terminal", async () => {
  const unknown = await run("deploy/deploy.ts", ["up", "fraud-live", "--yes"], {});
  expect(unknown).toMatchObject({ exitCode: 1, err: expect.stringContaining("stack fraud-live has no file") });
  const refused = await run("deploy/deploy.ts", ["up", "production"], { MODEL_VERSION: "7" });
  expect(refused).toMatchObject({
    exitCode: 1,
    out: "up of stack production: production of churn-model, target docker, promotion.version=7\n",
    err: "nothing was changed: there is no terminal to confirm on. Add --yes to apply the changes above\n",
  });
  expect(await run("deploy/deploy.ts", ["up", "staging", "--yes"], { MODEL_VERSION: "7" })).toMatchObject({
    exitCode: 1,
    err: "MODEL_VERSION and OVERRIDE_REASON are for production only: stack staging is a staging stack, which trains its own version\n",
  });
});
