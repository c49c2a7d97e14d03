import { describe, expect, it } from "vitest";
import { blankState, type ResourceState } from "../resources/state.ts";
import { similarNames } from "../similar-names.ts";
import { dependentsOf, forget, locate, mark } from "../steps/state-edits.ts";

const urn = (name: string) => `urn:pulumi:dev::app::a:b:C::${name}`;
const state = (
  name: string,
  dependencies: readonly string[] = [],
  more: Partial<ResourceState> = {},
): ResourceState => ({
  ...blankState("a:b:C", urn(name)),
  custom: true,
  id: name,
  dependencies: dependencies.map(urn),
  ...more,
});
const plain = { targetDependents: false, force: false };
const ids = (states: readonly ResourceState[]) => states.map(({ id }) => id);

describe("a mark", () => {
  const pending = state("a", [], { id: "old", delete: true });
  const all = [pending, state("a"), state("b")];
  it("is set on the named resources, and not on what waits for its deletion", () => {
    expect(mark(all, [urn("a")], "taint", true).map(({ taint }) => taint)).toEqual([false, true, false]);
    expect(mark(all, undefined, "protect", true).map(({ protect }) => protect)).toEqual([false, true, true]);
  });
  it("is removed again", () =>
    expect(mark(mark(all, undefined, "taint", true), [urn("b")], "taint", false).map(({ taint }) => taint)).toEqual([
      false,
      true,
      false,
    ]));
  it("names every URN that is not there, with the nearest that are, and changes nothing", () =>
    expect(() => mark(all, [urn("x"), "urn:far:away"], "taint", true)).toThrow(
      `No such resource "${urn("x")}" exists in the current state\nDid you mean:\n  ${urn("a")}\n  ${urn("b")}\nTo list`,
    ));
});

describe("forgetting a resource", () => {
  const all = [state("a"), state("b", ["a"]), state("c", ["b"])];
  it("is rejected while others depend on it", () =>
    expect(() => forget(all, [all[0] as ResourceState], plain)).toThrow(
      `${urn("a")} can't be safely deleted because the following resources depend on it:\n * "b"             (${urn("b")})`,
    ));
  it("includes them on request, or if they are deleted as well", () => {
    const [a, b] = all as [ResourceState, ResourceState];
    expect(ids(forget(all, [b], { ...plain, targetDependents: true }).left)).toEqual(["a"]);
    expect(ids(forget(all, all, plain).left)).toEqual([]);
    expect(ids(dependentsOf(all, a))).toEqual(["b", "c"]);
  });
  it("is rejected for a protected one, unless forced", () => {
    const guarded = [state("a"), state("b", ["a"], { protect: true })] as const;
    expect(() => forget(guarded, [guarded[1]], plain)).toThrow("because it is protected");
    expect(() => forget(guarded, [guarded[0]], { ...plain, targetDependents: true })).toThrow(
      "because it is protected",
    );
    expect(forget(guarded, [guarded[1]], { ...plain, force: true })).toEqual({
      left: [guarded[0]],
      forced: [urn("b")],
    });
  });
  it("minds nothing that another resource of the same URN still holds", () => {
    const [old, fresh] = [state("a", [], { id: "old", delete: true }), state("a")];
    const both = [old, fresh, state("b", ["a"])];
    expect(ids(forget(both, [old], plain).left)).toEqual(["a", "b"]);
    expect(ids(dependentsOf(both, fresh))).toEqual([]);
  });
});

describe("a URN", () => {
  const all = [state("a", [], { id: "old", delete: true }), state("a"), state("b")];
  it("names one resource", () => expect(locate(all, urn("b")).id).toBe("b"));
  it("that names several is rejected with their ids", () =>
    expect(() => locate(all, urn("a"))).toThrow("multiple resources. Did you mean:\n  old\n  a\n"));
  it("that is malformed is rejected", () => expect(() => locate(all, "b")).toThrow('"b" is not a valid resource URN'));
});

describe("similar URNs", () => {
  it("are the nearest three, the nearest first, whatever their case", () => {
    const there = ["first", "second", "third", "fourth", "FIRSTS"].map(urn);
    expect(similarNames(there, urn("firsts"))).toEqual([urn("FIRSTS"), urn("first"), urn("fourth")]);
  });
  it("are none when all are far away", () => expect(similarNames(["urn:x"], urn("a-long-name"))).toEqual([]));
});
