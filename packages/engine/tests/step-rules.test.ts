import { describe, expect, it } from "vitest";
import { rebuild } from "../deployment/refresh.ts";
import { Secret, Unknown } from "../properties/value.ts";
import { NO_DIFF } from "../providers/provider.ts";
import { DependencyGraph } from "../resources/graph.ts";
import { blankState, type ResourceState } from "../resources/state.ts";
import { decide } from "../steps/after-diff.ts";
import { aliasUrns } from "../steps/aliases.ts";
import { planDeletes, scheduleDeletes } from "../steps/deletes.ts";
import { dependentReplacements } from "../steps/dependents.ts";
import { isTriggered, replaceOnChanges } from "../steps/options.ts";

const urn = (name: string) => `urn:pulumi:dev::app::a:b:C::${name}`;
const state = (name: string, more: Partial<ResourceState> = {}): ResourceState => ({
  ...blankState("a:b:C", urn(name)),
  custom: true,
  id: name,
  ...more,
});
const changed = { ...NO_DIFF, changes: "some" } as const;
const plain = { triggered: false, deleteBeforeReplace: undefined };

describe("what becomes of a resource after its diff", () => {
  it("keeps what has not changed", () =>
    expect(decide({ old: state("x"), new: state("x"), diff: NO_DIFF, ...plain }).action).toBe("same"));
  it("updates what has changed", () =>
    expect(decide({ old: state("x"), new: state("x"), diff: changed, ...plain }).action).toBe("update"));
  it("replaces when the provider names a property that cannot be updated", () =>
    expect(
      decide({ old: state("x"), new: state("x"), diff: { ...changed, replaceKeys: ["kind"] }, ...plain }).action,
    ).toBe("replace"));
  it("replaces what was deleted by an interrupted replacement", () =>
    expect(
      decide({ old: state("x", { pendingReplacement: true }), new: state("x"), diff: NO_DIFF, ...plain }).action,
    ).toBe("replace"));
  it("updates what did not come up", () =>
    expect(decide({ old: state("x", { initErrors: ["late"] }), new: state("x"), diff: NO_DIFF, ...plain }).action).toBe(
      "update",
    ));
  it("rejects replacing a protected resource, unless the same update removes the protection", () => {
    const diff = { ...changed, replaceKeys: ["kind"] };
    expect(
      decide({ old: state("x", { protect: true }), new: state("x", { protect: true }), diff, ...plain }).refused,
    ).toBe(true);
    expect(decide({ old: state("x", { protect: true }), new: state("x"), diff, ...plain }).refused).toBe(false);
  });
  it("lets the resource's option decide what is deleted first", () => {
    const diff = { ...changed, replaceKeys: ["kind"], deleteBeforeReplace: true };
    const input = { old: state("x"), new: state("x"), diff, triggered: false };
    expect(decide({ ...input, deleteBeforeReplace: undefined }).deleteFirst).toBe(true);
    expect(decide({ ...input, deleteBeforeReplace: false }).deleteFirst).toBe(false);
  });
});

describe("options", () => {
  it("a path of replaceOnChanges that cannot be read stops the run", () =>
    expect(() => replaceOnChanges(changed, ["a["], false)).toThrow("missing closing bracket"));
  it("replaceOnChanges turns a named change into a replacement, however the provider reports it", () => {
    expect(replaceOnChanges({ ...changed, changedKeys: ["size"] }, ["size"], false).replaceKeys).toEqual(["size"]);
    const detailed = { ...changed, detailedDiff: { "triggers[0]": { kind: "update", inputDiff: true } } } as const;
    expect(replaceOnChanges(detailed, ["triggers[*]"], false).detailedDiff?.["triggers[0]"]?.kind).toBe(
      "update-replace",
    );
  });
  it("a replacement trigger counts when it changes, not when it appears", () => {
    expect(isTriggered("b", "a")).toBe(true);
    expect(isTriggered(new Secret("a"), "a")).toBe(false);
    expect(isTriggered("a", null)).toBe(false);
    expect(isTriggered(new Unknown(), "a")).toBe(true);
  });
});

describe("aliases", () => {
  const context = { stack: "dev", project: "app", aliasOf: new Map<string, string>() };
  it("fill in what they leave out", () =>
    expect(
      aliasUrns([{ name: "old" }, { project: "other" }], { name: "x", type: "a:b:C", parent: "" }, context),
    ).toEqual([urn("old"), "urn:pulumi:dev::other::a:b:C::x"]));
  it("children of a renamed parent follow it, and its name in theirs", () => {
    const parent = "urn:pulumi:dev::app::my:Comp::new";
    const renamed = { ...context, aliasOf: new Map([[parent, "urn:pulumi:dev::app::my:Comp::old"]]) };
    expect(aliasUrns([], { name: "new-child", type: "a:b:C", parent }, renamed)).toEqual([
      "urn:pulumi:dev::app::my:Comp$a:b:C::old-child",
    ]);
  });
});

describe("deletions", () => {
  const a = state("a");
  const b = state("b", { dependencies: [a.urn] });
  const c = state("c", { dependencies: [b.urn] });
  const d = state("d", { dependencies: [a.urn] });
  const resources = [a, b, c, d];
  const none = { isOperatedOn: () => false, alreadyDeleted: new Set<ResourceState>() };

  it("dependents are deleted first", () => {
    const rounds = scheduleDeletes(planDeletes({ resources, ...none }), resources).map((round) =>
      round.map(({ old }) => old?.id),
    );
    expect(rounds).toEqual([["c"], ["b", "d"], ["a"]]);
  });
  it("keeps what the run has spoken of", () =>
    expect(planDeletes({ resources, ...none, isOperatedOn: (u) => u !== c.urn }).map(({ old }) => old?.id)).toEqual([
      "c",
    ]));
  it("deletes what was replaced, once", () => {
    const gone = state("a", { delete: true });
    const input = { resources: [gone], isOperatedOn: () => true };
    expect(planDeletes({ ...input, alreadyDeleted: new Set() }).map(({ op }) => op)).toEqual(["delete-replaced"]);
    expect(planDeletes({ ...input, alreadyDeleted: new Set([gone]) })).toEqual([]);
  });
  it("forgets what was deleted before a replacement that never came", () =>
    expect(planDeletes({ resources: [state("a", { pendingReplacement: true })], ...none }).map(({ op }) => op)).toEqual(
      ["remove-pending-replace"],
    ));
  it("lets go of what was only read, without a call", () =>
    expect(planDeletes({ resources: [state("a", { external: true })], ...none }).map(({ op }) => op)).toEqual([
      "discard",
    ]));
});

describe("delete before replace", () => {
  it("takes along those that would be replaced anyway, and only those", async () => {
    const root = state("root");
    const leans = state("leans", { inputs: { kind: "k" }, propertyDependencies: { kind: [root.urn] } });
    const further = state("further", { inputs: { kind: "k" }, propertyDependencies: { kind: [leans.urn] } });
    const ordered = state("ordered", {
      dependencies: [root.urn],
      inputs: { kind: "k" },
      propertyDependencies: { kind: [] },
    });
    const graph = new DependencyGraph([root, leans, further, ordered]);
    const asked: string[] = [];
    const found = await dependentReplacements(root, graph, new Set(), async (resource, inputs) => {
      asked.push(resource.id);
      expect(inputs.kind).toBeInstanceOf(Unknown);
      return { replace: resource === leans, keys: ["kind"] };
    });
    expect(found.map(({ resource }) => resource.id)).toEqual(["leans"]);
    expect(asked).toEqual(["leans", "further"]);
  });
});

it("a child of a missing resource has no parent and no missing dependencies", () => {
  const [box, thing, child] = ["box", "thing", "child"].map((name) => blankState("t", `urn:pulumi:s::p::t::${name}`));
  if (!box || !thing || !child) throw new Error("three resources expected");
  thing.parent = box.urn;
  child.parent = thing.urn;
  child.dependencies = [box.urn, thing.urn];
  child.deletedWith = thing.urn;
  const left = rebuild(new Map([[thing, undefined]]), [box, thing, child]);
  expect(left.map(({ urn }) => urn)).toEqual([box.urn, child.urn]);
  expect(left[1]).toMatchObject({ parent: "", dependencies: [box.urn], deletedWith: "" });
});
