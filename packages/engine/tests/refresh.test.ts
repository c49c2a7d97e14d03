/**
 * The state after a refresh that finds resources missing.
 */
import { expect, it } from "vitest";
import { rebuild } from "../deployment/refresh.ts";
import { blankState } from "../resources/state.ts";

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
