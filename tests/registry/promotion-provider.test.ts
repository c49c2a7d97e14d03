import { expect, test } from "vitest";
import { provider } from "../../registry/promotion-provider.ts";
import { json, serve } from "../helpers/http-server.ts";

/** What the guard said when it was asked last; `diff` looks at the registry as it is now. */
async function changes(tags: Readonly<Record<string, string>>, olds: object = {}, news: object = {}) {
  await using registry = await serve((_, response) => {
    const version = { name: "m", version: "1", run_id: "r", source: "s", tags: pairs(tags) };
    json(response, { model_version: version });
  });
  const inputs = { registry: { trackingUri: registry.url }, modelName: "m", version: "1", needsImage: false };
  const outputs = {
    ...{
      approvedVersion: "1",
      modelUri: "models:/m/1",
      modelSha256: "s",
      provedImage: "",
      runId: "r",
      gateReport: "g",
    },
    why: "the gate passed it and staging proved it",
  };
  const answer = await provider.diff("", { ...inputs, ...outputs, ...olds }, { ...inputs, ...news });
  return { ...answer, asked: registry.requests.length };
}

const pairs = (tags: Readonly<Record<string, string>>) => Object.entries(tags).map(([key, value]) => ({ key, value }));
const overrideUntil = (ms: number) => ({
  override: { version: "1", reason: "outage", who: "ada", expires: new Date(Date.now() + ms).toISOString() },
});

test("asks the registry each time, and nothing more when it says what it said", async () => {
  expect(await changes({})).toEqual({ changes: false, asked: 1 });
  const password = await changes({}, { registry: { trackingUri: "x", password: "old" } });
  expect(password).toEqual({ changes: true, asked: 0 });
});

test("a version that was withdrawn is asked for anew, though nothing changed in the config", async () => {
  expect(await changes({ "gate.withdrawn": "leaks names" })).toMatchObject({ changes: true });
  expect(await changes({ "gate.withdrawn": "" })).toMatchObject({ changes: true });
});

test("the same number of another run is another version", async () => {
  expect(await changes({}, { runId: "of the registry before" })).toMatchObject({ changes: true });
});

test("an override counts until it expires, and no longer", async () => {
  const why = "override: outage (ada answers for it until …)";
  const [valid, expired] = [overrideUntil(60_000), overrideUntil(-1)];
  expect(await changes({}, { ...valid, why }, valid)).toMatchObject({ changes: false });
  expect(await changes({}, { ...expired, why }, expired)).toMatchObject({ changes: true });
  // One that was not needed may expire.
  expect(await changes({}, expired, expired)).toMatchObject({ changes: false });
});

test("a version that the registry has no more is asked for anew, a registry that does not answer is an error", async () => {
  await using registry = await serve((_, response) =>
    json(response, { error_code: "RESOURCE_DOES_NOT_EXIST", message: "no such version" }, 404),
  );
  const task = { registry: { trackingUri: registry.url }, modelName: "m", version: "1" };
  const outputs = {
    approvedVersion: "1",
    modelUri: "u",
    modelSha256: "s",
    provedImage: "",
    runId: "r",
    why: "w",
    gateReport: "g",
  };
  expect(await provider.diff("", { ...task, ...outputs }, task)).toEqual({ changes: true });
  const silent = { ...task, registry: { trackingUri: "http://127.0.0.1:1" } };
  await expect(provider.diff("", { ...silent, ...outputs }, silent)).rejects.toThrow("does not answer");
});
