import { expect, test } from "vitest";
import { findHistory, HISTORY_TAG, openHistory } from "../../registry/history-experiment.ts";
import { MlflowClient } from "../../registry/mlflow-client.ts";
import { readProductionState } from "../../registry/production-state.ts";
import { json, serve } from "../helpers/http-server.ts";

interface Registry {
  /** Whether the experiment still has its original name. */
  readonly isNamed?: boolean;
  /** The id in the model's tag. */
  readonly tag?: string;
}

/** Starts a registry with the experiment 7, and records the last path segment of each request. */
async function registryWith({ isNamed = true, tag }: Registry) {
  const server = await serve(({ path }, response) => {
    const experiment = { experiment_id: "7", name: isNamed ? "m-promotions" : "elsewhere" };
    const tags = tag === undefined ? [] : [{ key: HISTORY_TAG, value: tag }];
    if (path.includes("registered-models/search")) return json(response, { registered_models: [{ name: "m", tags }] });
    if (path.includes("set-tag")) return json(response, { message: "read only" }, 403);
    if (path.includes("experiments/create")) return json(response, { experiment_id: "8" });
    const isThere = path.includes("get-by-name") ? isNamed : path.includes("experiment_id=7");
    if (path.includes("experiments/get") && !isThere)
      return json(response, { error_code: "RESOURCE_DOES_NOT_EXIST" }, 404);
    json(response, path.includes("experiments/get") ? { experiment } : { runs: [] });
  });
  const asked = () => server.requests.map(({ path }) => /([\w-]+)(\?|$)/.exec(path)?.[1]).toSorted();
  return {
    client: new MlflowClient({ trackingUri: server.url }),
    asked,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

test.each<[string, Registry, string, string[]]>([
  ["is found by its name", {}, "7", ["get-by-name", "search", "set-tag"]],
  ["has its id on the model already", { tag: "7" }, "7", ["get-by-name", "search"]],
  ["was renamed", { isNamed: false, tag: "7" }, "7", ["get", "get-by-name", "search"]],
  [
    "is gone for good",
    { isNamed: false, tag: "6" },
    "8",
    ["create", "get", "get-by-name", "get-by-name", "search", "set-tag"],
  ],
  ["never was", { isNamed: false }, "8", ["create", "get-by-name", "get-by-name", "search", "set-tag"]],
  [
    "has a tag that is not an id",
    { isNamed: false, tag: "x" },
    "8",
    ["create", "get-by-name", "get-by-name", "search", "set-tag"],
  ],
])("a history that %s is opened, also where no tag can be written", async (_what, registry, id, asked) => {
  await using server = await registryWith(registry);
  expect(await openHistory(server.client, "m")).toBe(id);
  expect(server.asked()).toEqual(asked);
});

test("reading production's state makes no additional requests for it", async () => {
  await using none = await registryWith({ isNamed: false });
  await readProductionState(none.client, "m");
  expect(none.asked()).toEqual(["get-by-name", "search"]);
  await using named = await registryWith({});
  await readProductionState(named.client, "m");
  expect(named.asked()).toEqual(["get-by-name", "search", "search"]);
});

test("a renamed history is returned with its current name", async () => {
  await using server = await registryWith({ isNamed: false, tag: "7" });
  expect(await findHistory(server.client, "m")).toEqual({ id: "7", isDeleted: false, renamedTo: "elsewhere" });
});
