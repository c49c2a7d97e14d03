import { describe, expect, it } from "vitest";
import { DependencyGraph, neededByProtected } from "../resources/graph.ts";
import { blankState, type ResourceState } from "../resources/state.ts";
import { ROOT_STACK_TYPE } from "../resources/urn.ts";
import { deletable } from "../steps/deletable.ts";
import { EVERYTHING, Selection, type SelectionFlags } from "../steps/selection.ts";
import { UrnTargets } from "../steps/urn-targets.ts";

const urn = (name: string) => `urn:pulumi:dev::app::a:b:C::${name}`;
const provider: ResourceState = {
  ...blankState("pulumi:providers:a", "urn:pulumi:dev::app::pulumi:providers:a::default"),
  custom: true,
  id: "p",
};
const state = (
  name: string,
  dependencies: readonly string[] = [],
  more: Partial<ResourceState> = {},
): ResourceState => ({
  ...blankState("a:b:C", urn(name)),
  custom: true,
  id: name,
  provider: `${provider.urn}::p`,
  dependencies: dependencies.map(urn),
  ...more,
});
const selection = (flags: Partial<SelectionFlags>) => new Selection({ ...EVERYTHING, ...flags });

describe("the URNs of a flag", () => {
  it("are complete URNs or patterns: a star matches within a part, two match anything", () => {
    const targets = new UrnTargets([urn("a"), "urn:pulumi:dev::app::a:b:*::b*", "**::deep"]);
    expect(targets.has(urn("a"))).toBe(true);
    expect(targets.has(urn("ab"))).toBe(false);
    expect(targets.has(urn("bee"))).toBe(true);
    expect(targets.has("urn:pulumi:dev::app::a:b:C:D::bee")).toBe(false);
    expect(targets.has("urn:pulumi:prod::other::x:y:Z$a:b:C::deep")).toBe(true);
    expect([...targets.literals]).toEqual([urn("a")]);
  });
  it("take every other letter as it is", () => {
    const targets = new UrnTargets(["urn:pulumi:dev::app::x$a:b:C::*.+(x)"]);
    expect(targets.has("urn:pulumi:dev::app::x$a:b:C::name.+(x)")).toBe(true);
    expect(targets.has("urn:pulumi:dev::app::x$a:b:C::name")).toBe(false);
  });
  it("hold for nothing when the flag is not given", () => {
    const none = new UrnTargets([]);
    expect([none.given, none.has(urn("a")), none.has("")]).toEqual([false, false, false]);
    expect(new UrnTargets(["*"]).given).toBe(true);
  });
});

describe("what an operation is about", () => {
  const chain = [state("a"), state("b", ["a"]), state("c", ["b"]), state("d")];
  const included = (flags: Partial<SelectionFlags>) => {
    const selected = selection(flags);
    return chain.filter((resource) => {
      const is = selected.includes(resource);
      selected.record(resource, is);
      return is;
    });
  };
  const names = (states: readonly ResourceState[]) => states.map(({ id }) => id).join("");

  it("is everything without flags", () => expect(names(included({}))).toBe("abcd"));
  it("is what --target names, and its dependents on request", () => {
    expect(names(included({ targets: [urn("a")] }))).toBe("a");
    expect(names(included({ targets: [urn("a")], targetDependents: true }))).toBe("abc");
  });
  it("is everything but what --exclude names, and its dependents on request", () => {
    expect(names(included({ excludes: [urn("a")] }))).toBe("bcd");
    expect(names(included({ excludes: [urn("a")], excludeDependents: true }))).toBe("d");
  });
  it("always has the stack and the providers in it", () => {
    const stack = blankState(ROOT_STACK_TYPE, `urn:pulumi:dev::app::${ROOT_STACK_TYPE}::app-dev`);
    const selected = selection({ targets: [urn("a")] });
    expect([selected.includes(stack), selected.includes(provider)]).toEqual([true, true]);
  });
  it("replaces what --replace names and what is tainted", () => {
    const selected = selection({ replaces: [urn("a")] });
    expect(selected.isReplaced(urn("a"), undefined)).toBe(true);
    expect(selected.isReplaced(urn("b"), state("b", [], { taint: true }))).toBe(true);
    expect(selected.isReplaced(urn("b"), state("b"))).toBe(false);
  });
});

describe("what may be deleted", () => {
  const component = state("box", [], { custom: false, id: "", provider: "" });
  const chain = [provider, state("a"), state("b", ["a"]), state("c", ["b"]), component];
  const all = [
    ...chain,
    state("inner", [], { parent: component.urn }),
    state("d"),
    state("empty", [], { custom: false, id: "", provider: "" }),
  ];
  const left = (flags: Partial<SelectionFlags>) => {
    const isDeletable = deletable(all, new DependencyGraph(all), selection(flags));
    return all.filter(isDeletable).map((s) => s.urn.split("::").at(-1));
  };

  it("are the targets with all their dependents, which are checked against the flags later", () => {
    expect(left({ targets: [urn("b")] })).toEqual(["b", "c"]);
    expect(left({ targets: [urn("box")] })).toEqual(["box", "inner"]);
  });
  it("do not include excluded resources or their dependencies", () =>
    expect(left({ excludes: [urn("b")] })).toEqual(["c", "box", "inner", "d", "empty"]));
  it("are, with --exclude-dependents, not even what shares a provider with the excluded", () =>
    expect(left({ excludes: [urn("b")], excludeDependents: true })).toEqual(["empty"]));
});

it("a destroy that excludes protected resources keeps their dependencies", () => {
  const all = [provider, state("a"), state("b", ["a"], { protect: true }), state("c", ["b"]), state("d")];
  expect([...neededByProtected(all)].map(({ id }) => id).sort()).toEqual(["a", "b", "p"]);
  expect(neededByProtected([provider, state("a")]).size).toBe(0);
});
