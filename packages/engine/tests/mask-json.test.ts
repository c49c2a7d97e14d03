/**
 * `--json`: secrets are masked in values, and names stay what they are.
 */
import { expect, it } from "vitest";
import { maskJson } from "../display/json.ts";

const mask = (text: string) => text.replaceAll("tok", "[secret]");
const masked = (document: object) => JSON.parse(maskJson(document, mask));

it("masks values wherever they are, under any key of the user's own", () =>
  expect(
    masked({
      steps: [{ newState: { inputs: { keys: ["tok"], urn: "tok", deep: { type: "a tok" } } } }],
      message: "tok",
    }),
  ).toEqual({
    steps: [{ newState: { inputs: { keys: ["[secret]"], urn: "[secret]", deep: { type: "a [secret]" } } } }],
    message: "[secret]",
  }));

it("leaves the names of properties and resources alone, also when a secret is spelled like one", () => {
  const step = {
    op: "update",
    urn: "urn:tok",
    diffReasons: ["token"],
    replaceReasons: ["token"],
    newState: { dependencies: ["urn:tok"], propertyDependencies: { token: ["urn:tok"] } },
  };
  expect(masked({ steps: [step] })).toEqual({ steps: [step] });
});
