/** Who moves a stage, and what a delete takes back: on a real MLflow server. */
import { expect, test } from "vitest";
import { readHistory } from "../../registry/history.ts";
import { getVersionByAlias } from "../../registry/model-versions.ts";
import { provider } from "../../registry/registry-stage-provider.ts";
import { lookUpSurroundings } from "../../training/gate/gate-inputs.ts";
import { byHand } from "../helpers/registry/by-hand.ts";
import { judgedModel } from "../helpers/registry/judged-model.ts";
import { testRegistry } from "../helpers/test-registry.ts";

const mlflow = testRegistry();

/** A model with an approved version, and the inputs that mark it. */
async function approved(name: string, environment: "staging" | "production" = "production") {
  const model = judgedModel(mlflow.client, name);
  const version = await model.approved();
  const registry = { trackingUri: mlflow.url };
  const inputs = { registry, modelName: name, version, environment, stack: `p/${environment}` } as const;
  const held = async () => (await getVersionByAlias(mlflow.client, name, environment))?.version;
  const kinds = async () => (await readHistory(mlflow.client, name)).map(({ kind }) => kind);
  return { model, inputs, held, kinds };
}

test("a stage whose resource is replaced by force stays where it is, and the history has nothing to say of it", async () => {
  const { inputs, held, kinds, model } = await approved("replaced");
  const old = await provider.create(inputs);
  // The engine makes the successor first, and deletes the one before last.
  const next = await provider.create(inputs);
  expect(next.id).not.toBe(old.id);
  await provider.delete(old.id, old.outs);
  expect(await held()).toBe("1");
  expect((await model.version("1")).stage).toBe("Production");
  expect(await kinds()).toEqual(["promotion"]);
  await provider.delete(next.id, next.outs);
  expect(await held()).toBeUndefined();
  expect((await model.version("1")).stage).toBe("Archived");
  expect(await kinds()).toEqual(["promotion", "removal"]);
});

test("the resource of an earlier release, which owned nothing, is replaced and taken down likewise", async () => {
  const { inputs, held } = await approved("legacy");
  const { stack: _, ...legacy } = inputs;
  await provider.create(legacy);
  const next = await provider.create(inputs);
  await provider.delete("legacy@production", legacy);
  expect(await held()).toBe("1");
  await provider.delete(next.id, next.outs);
  expect(await held()).toBeUndefined();
});

test("another stack does not move the stage, and its own destroy does not take it", async () => {
  const { inputs, held } = await approved("contested");
  const { id, outs } = await provider.create(inputs);
  const theirs = { ...inputs, stack: "p/eu-production" };
  const refusal = /production of contested belongs to stack p\/production, but this is stack p\/eu-production/;
  await expect(provider.create(theirs)).rejects.toThrow(refusal);
  await expect(provider.update("contested@production#other", theirs, theirs)).rejects.toThrow(refusal);
  await provider.delete("contested@production#other", theirs);
  expect(await held()).toBe("1");
  // Under another name the stack is the same.
  await provider.update(id, outs, { ...inputs, stack: "p/renamed" });
  await provider.delete(id, outs);
  expect(await held()).toBeUndefined();
});

const NAMED: [string, (hand: ReturnType<typeof byHand>) => Promise<unknown>, string][] = [
  ["alias, stage and history", async () => {}, "alias production, stage Production, history"],
  ["stage and history", (hand) => hand.unalias("production"), "stage Production, history"],
  [
    "an alias in another spelling",
    async (hand) => {
      await hand.unalias("production");
      await hand.stage("1", "Archived");
      await hand.deleteLastEvent();
      await hand.alias("Production", "1");
    },
    "alias Production",
  ],
  [
    "the history alone",
    async (hand) => {
      await hand.unalias("production");
      await hand.stage("1", "Archived");
    },
    "history",
  ],
];

test.each(NAMED)(
  "the registry's own stack is not taken down while a model is in production by %s",
  async (_, edit, places) => {
    const name = `needs-the-registry-${places.replaceAll(/\W+/g, "-")}`;
    const production = await approved(name);
    const made = await provider.create(production.inputs);
    const hand = byHand(mlflow.client, name);
    await edit(hand);
    const staging = await approved(`staged-${name}`, "staging");
    const inputs = { ...staging.inputs, ownsRegistry: true };
    const { id, outs } = await provider.create(inputs);
    await expect(provider.delete(id, outs)).rejects.toThrow(
      `belongs to this stack, and production still needs it: version 1 of ${name} (${places}). Take production down first`,
    );
    expect(await staging.held()).toBe("1");
    await provider.delete(made.id, made.outs);
    // No update knows this alias, and no destroy.
    if (places === "alias Production") await hand.unalias("Production");
    await provider.delete(id, outs);
    expect(await staging.held()).toBeUndefined();
  },
);

test("another stack's gate judges nothing for a stage that is not its own; a stack that was renamed goes on", async () => {
  const { inputs } = await approved("judged", "staging");
  const task = { registry: inputs.registry, modelName: inputs.modelName, version: "1", policy: {} };
  // Nobody's yet.
  await lookUpSurroundings({ ...task, stack: "p/colleague" });
  const { id, outs } = await provider.create(inputs);
  await expect(lookUpSurroundings({ ...task, stack: "p/colleague" })).rejects.toThrow(
    "staging of judged belongs to stack p/staging, but this is stack p/colleague: two stacks cannot move the same stage",
  );
  await lookUpSurroundings({ ...task, stack: "p/renamed" }, { stack: "p/staging" });
  const renamed = { ...inputs, stack: "p/renamed" };
  expect(await provider.diff(id, outs, renamed)).toMatchObject({ changes: true });
  await provider.update(id, outs, renamed);
  await lookUpSurroundings({ ...task, stack: "p/renamed" }, { stack: "p/renamed" });
});

test("a move comes from what the history says was there, whatever the alias was moved to by hand", async () => {
  const name = "moved-by-hand";
  const model = judgedModel(mlflow.client, name);
  const hand = byHand(mlflow.client, name);
  const policy = { accuracy: { min: 0.85 } };
  for (const _version of [1, 2, 3]) await model.approved({ policy });
  // There is no entry yet: the alias alone says what served.
  await hand.alias("production", "2");
  await model.promote("1");
  await hand.alias("production", "2");
  await model.promote("3");
  await hand.alias("production", "2");
  await model.judge("2", { verdict: "failed", policy });
  await expect(model.ask("2")).rejects.toThrow("its quality gate failed");
  const events = await readHistory(mlflow.client, name);
  expect(events.map(({ kind, from, to }) => `${kind} ${from} ${to}`)).toEqual([
    "promotion 2 1",
    "promotion 1 3",
    "refusal 3 2",
  ]);
});

test("a refresh goes on without a registry that does not answer, because the update has to create it again", async () => {
  const { inputs } = await approved("silent");
  const { id, outs } = await provider.create(inputs);
  const elsewhere = { ...outs, registry: { trackingUri: "http://127.0.0.1:1" } };
  expect(await provider.read(id, elsewhere)).toEqual({ id, props: elsewhere });
  expect((await provider.read(id, outs)).props).toMatchObject({ version: "1" });
});
