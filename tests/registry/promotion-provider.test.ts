import { expect, test } from "vitest";
import { provider } from "../../registry/promotion-provider.ts";
import { json, type SeenRequest, serve } from "../helpers/http-server.ts";

interface Registry {
  readonly tags?: Readonly<Record<string, string>>;
  /** Version that alias, stage and history name. */
  readonly inProduction?: string;
  readonly historyOf?: string;
}

/** Starts a registry with version 1 of the model m and all that the guard's inputs are read from. */
const registryWith = ({ tags = {}, inProduction, historyOf = inProduction }: Registry) =>
  serve(({ path, body }: SeenRequest, response) => {
    const pairs = Object.entries(tags).map(([key, value]) => ({ key, value }));
    if (path.includes("model-versions/get"))
      return json(response, { model_version: { name: "m", version: "1", run_id: "r", source: "s", tags: pairs } });
    if (path.includes("registered-models/search")) {
      const aliases = inProduction ? [{ alias: "production", version: inProduction }] : [];
      const latest_versions = inProduction ? [{ version: inProduction, current_stage: "Production" }] : [];
      return json(response, { registered_models: [{ name: "m", aliases, latest_versions }] });
    }
    if (path.includes("experiments/get-by-name")) return json(response, { experiment: { experiment_id: "1" } });
    const moves = historyOf
      ? [
          { key: "promotion.event", value: "promotion" },
          { key: "promotion.to", value: historyOf },
        ]
      : [];
    expect(body).toContain("experiment_ids");
    json(response, { runs: [{ info: { run_id: "e", start_time: 1 }, data: { tags: moves } }] });
  });

const OUTPUTS = {
  approvedVersion: "1",
  modelUri: "models:/m/1",
  modelSha256: "s",
  provedImage: "",
  runId: "r",
  gateReport: "g",
  why: "the gate passed it and staging verified it",
};

/** Returns whether the guard runs, by check and diff as the engine calls them. */
async function isAsked(registry: Registry, olds: object = {}, news: object = {}): Promise<boolean> {
  await using server = await registryWith(registry);
  const task = { registry: { trackingUri: server.url }, modelName: "m", version: "1", needsImage: false };
  const { inputs } = await provider.check({}, { ...task, ...news });
  return (await provider.diff("", { ...task, ...OUTPUTS, ...olds }, inputs)).changes;
}

const overrideUntil = (ms: number) => ({
  override: { version: "1", reason: "outage", who: "ada", expires: new Date(Date.now() + ms).toISOString() },
});

test("the guard does not run again for a version that alias, stage and history name", async () => {
  expect(await isAsked({ inProduction: "1" })).toBe(false);
  expect(await isAsked({ inProduction: "1" }, { registry: { trackingUri: "http://elsewhere" } })).toBe(true);
});

test("the guard runs at every update until alias, stage and history all name the version", async () => {
  expect(await isAsked({})).toBe(true);
  expect(await isAsked({ inProduction: "2" })).toBe(true);
  expect(await isAsked({ inProduction: "1", historyOf: "2" })).toBe(true);
  expect(await isAsked({ historyOf: "1" })).toBe(true);
});

test("new evidence on a version in production does not count, except for a withdrawal", async () => {
  const inProduction = "1";
  expect(await isAsked({ inProduction, tags: { "gate.verdict": "failed" } })).toBe(false);
  expect(await isAsked({ inProduction, tags: { "gate.withdrawn": "leaks names" } })).toBe(true);
  expect(await isAsked({ inProduction, tags: { "gate.withdrawn": "" } })).toBe(true);
});

test("the same version number from another run is another version", async () => {
  expect(await isAsked({ inProduction: "1" }, { runId: "of the registry before" })).toBe(true);
});

test("an override counts only until it expires", async () => {
  const why = "override: outage (ada answers for it until …)";
  const [valid, expired] = [overrideUntil(60_000), overrideUntil(-1)];
  const inProduction = "1";
  expect(await isAsked({ inProduction }, { ...valid, why }, valid)).toBe(false);
  expect(await isAsked({ inProduction }, { ...expired, why }, expired)).toBe(true);
  // An override that was not needed may expire.
  expect(await isAsked({ inProduction }, expired, expired)).toBe(false);
});

test("its inputs show the basis of the decision in a preview", async () => {
  await using server = await registryWith({ inProduction: "2", tags: { "gate.withdrawn": "leaks names" } });
  const { inputs } = await provider.check({}, { registry: { trackingUri: server.url }, modelName: "m", version: "1" });
  expect(inputs).toMatchObject({
    production: "version 2",
    evidence: "gate none; staging none",
    withdrawn: "leaks names",
    runId: "r",
  });
});

test("the guard runs for a version that the registry does not have; a registry that does not respond is an error", async () => {
  await using registry = await serve(({ path }, response) =>
    path.includes("search")
      ? json(response, {})
      : json(response, { error_code: "RESOURCE_DOES_NOT_EXIST", message: "not there" }, 404),
  );
  const task = { registry: { trackingUri: registry.url }, modelName: "m", version: "1" };
  const { inputs } = await provider.check({}, task);
  expect(await provider.diff("", { ...task, ...OUTPUTS }, inputs)).toEqual({ changes: true });
  const silent = { ...task, registry: { trackingUri: "http://127.0.0.1:1" } };
  const { failures } = await provider.check({}, silent);
  expect(failures).toEqual([{ property: "", reason: expect.stringContaining("does not answer") }]);
});

test("unknown values in a preview cause no change", async () => {
  const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
  const task = { registry: { trackingUri: unknown }, modelName: "m", version: "1" };
  const { inputs } = await provider.check({}, task);
  expect(inputs).toEqual(task);
  expect(await provider.diff("", { ...task, ...OUTPUTS }, inputs)).toEqual({ changes: false });
});
