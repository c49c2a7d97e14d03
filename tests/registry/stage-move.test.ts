import { expect, onTestFinished, test, vi } from "vitest";
import { MlflowClient } from "../../registry/mlflow-client.ts";
import { provider } from "../../registry/registry-stage-provider.ts";
import { clearStage, describeStage, moveStage, planStageMove } from "../../registry/stage-move.ts";
import { json, serve } from "../helpers/http-server.ts";

test.each([
  ["None", "staging", { alias: "staging", stage: "Staging" }],
  ["Archived", "staging", { alias: "staging", stage: "Staging" }],
  ["Staging", "staging", { alias: "staging", stage: "Staging" }],
  ["None", "production", { alias: "production", stage: "Production" }],
  ["Staging", "production", { alias: "production", stage: "Production" }],
  ["Archived", "production", { alias: "production", stage: "Production" }],
  ["Production", "production", { alias: "production", stage: "Production" }],
] as const)("moves a version in %s to %s", (stage, environment, move) => {
  expect(planStageMove({ stage }, environment)).toEqual(move);
});

test("keeps a version in Production when staging serves it too, because a version has one stage", () => {
  expect(planStageMove({ stage: "Production" }, "staging")).toEqual({ alias: "staging" });
});

/** Starts a registry in which each version of m has this stage, and every alias names version 3. */
const registry = (stage: string) =>
  serve(({ path }, response) => {
    const version = new URL(path, "http://registry").searchParams.get("version") ?? "3";
    json(response, { model_version: { name: "m", version, source: "s", current_stage: stage } });
  });

/** Returns the write requests, in order. */
const written = (requests: readonly { method: string; path: string; body: string }[]) =>
  requests
    .filter(({ method }) => method !== "GET")
    .map(({ method, path, body }) => `${method} ${path.replace("/api/2.0/mlflow/", "")} ${body}`);

test("moves the stage first and the alias, the source of truth, last", async () => {
  await using server = await registry("None");
  await moveStage(new MlflowClient({ trackingUri: server.url }), "m", "3", "staging");
  expect(written(server.requests)).toEqual([
    'POST model-versions/transition-stage {"name":"m","version":"3","stage":"Staging","archive_existing_versions":true}',
    'POST registered-models/alias {"name":"m","alias":"staging","version":"3"}',
  ]);
});

test("returns a version that leaves production to Staging if staging still serves it", async () => {
  // The alias staging names version 3.
  await using server = await serve(({ path }, response) => {
    const version = /version=2/.test(path) ? "2" : "3";
    json(response, { model_version: { name: "m", version, source: "s", current_stage: "Archived" } });
  });
  const client = new MlflowClient({ trackingUri: server.url });
  await moveStage(client, "m", "2", "production");
  expect(written(server.requests).at(-1)).toBe(
    'POST model-versions/transition-stage {"name":"m","version":"3","stage":"Staging","archive_existing_versions":true}',
  );
  await using last = await registry("Production");
  await clearStage(new MlflowClient({ trackingUri: last.url }), "m", "3", "production");
  expect(written(last.requests)).toEqual([
    'POST model-versions/transition-stage {"name":"m","version":"3","stage":"Staging","archive_existing_versions":true}',
    'DELETE registered-models/alias {"name":"m","alias":"production"}',
  ]);
});

test("removes the stage and, last, the alias from the version", async () => {
  await using server = await registry("Staging");
  await clearStage(new MlflowClient({ trackingUri: server.url }), "m", "3", "staging");
  expect(written(server.requests)).toEqual([
    'POST model-versions/transition-stage {"name":"m","version":"3","stage":"Archived","archive_existing_versions":false}',
    'DELETE registered-models/alias {"name":"m","alias":"staging"}',
  ]);
});

test("removes only the alias from a version that is in Production by now", async () => {
  await using server = await registry("Production");
  await clearStage(new MlflowClient({ trackingUri: server.url }), "m", "3", "staging");
  expect(written(server.requests)).toEqual(['DELETE registered-models/alias {"name":"m","alias":"staging"}']);
});

test("leaves alias and stage alone if they belong to another version by now", async () => {
  await using server = await registry("Staging");
  await clearStage(new MlflowClient({ trackingUri: server.url }), "m", "2", "staging");
  expect(written(server.requests)).toEqual([]);
});

test.each([
  ["both are right", "staging", { version: "3", stage: "Staging" }, { version: "3" }, "Staging"],
  ["it is in production too", "staging", { version: "3", stage: "Production" }, { version: "2" }, "Staging"],
  [
    "the stage was left behind",
    "production",
    { version: "3", stage: "Archived" },
    undefined,
    "version 3 is in Archived",
  ],
  [
    "another one has the stage, too",
    "production",
    { version: "3", stage: "Production" },
    { version: "4" },
    "version 4 is in Production, too",
  ],
] as const)("distinguishes stage and alias when %s", (_name, environment, holder, newest, described) => {
  expect(describeStage(environment, holder, newest)).toBe(described);
});

interface InRegistry {
  readonly alias?: string;
  readonly stage?: string;
  /** The history's last move. */
  readonly move?: string;
}

/** Returns whether the next `up` moves the stage, if the state has version 3 in production and the registry has this. */
async function movesAnew(inRegistry: InRegistry | number): Promise<boolean> {
  await using registry = await serve(({ path }, response) => {
    if (typeof inRegistry === "number") return response.writeHead(inRegistry).end();
    const { alias, stage, move } = inRegistry;
    if (path.includes("get-by-name")) return json(response, { experiment: { experiment_id: "1" } });
    if (path.includes("runs/search")) {
      const tags = { "promotion.event": "promotion", "promotion.to": move };
      const pairs = Object.entries(tags).map(([key, value]) => ({ key, value }));
      return json(response, { runs: move ? [{ info: { run_id: "r", start_time: 1 }, data: { tags: pairs } }] : [] });
    }
    const aliases = alias ? [{ alias: "production", version: alias }] : [];
    const latest_versions = stage ? [{ version: stage, current_stage: "Production" }] : [];
    json(response, { registered_models: [{ name: "m", aliases, latest_versions }] });
  });
  const inputs = { registry: { trackingUri: registry.url }, modelName: "m", version: "3", environment: "production" };
  const olds = { ...inputs, stage: "Production" } as const;
  return (await provider.diff("", olds as never, inputs as never)).changes;
}

test.each<[string, InRegistry, boolean]>([
  ["all three name it", { alias: "3", stage: "3", move: "3" }, false],
  ["stage and alias moved", { alias: "4", stage: "4", move: "3" }, true],
  ["the stage alone moved", { alias: "3", stage: "4", move: "3" }, true],
  ["nothing has the stage", { alias: "3", move: "3" }, true],
  ["the alias is gone", { stage: "3", move: "3" }, true],
  ["the move was not recorded", { alias: "3", stage: "3", move: "2" }, true],
  ["the history is gone", { alias: "3", stage: "3" }, true],
])("an update moves again what a kill or a hand left apart: %s", async (_name, inRegistry, moves) => {
  expect(await movesAnew(inRegistry)).toBe(moves);
});

test("an unavailable registry moves nothing: a preview shows what the state records", async () => {
  vi.stubEnv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0");
  onTestFinished(() => void vi.unstubAllEnvs());
  expect(await movesAnew(503)).toBe(false);
  await expect(movesAnew(403)).rejects.toThrow("HTTP 403");
});
