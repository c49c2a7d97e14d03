import { expect, test } from "vitest";
import { describeType, propertiesOf } from "../../../service/openapi/describe-type.ts";

const number = { type: "number" };
const list = (items: object, more = {}) => ({ type: "array", items, ...more });

test.each([
  [number, "number"],
  [{ type: "string" }, "string"],
  [{ type: "string", format: "date-time" }, "string (date-time)"],
  [{ const: "ok", type: "string" }, '"ok"'],
  [{ enum: ["a", 2] }, '"a", 2'],
  [{ $ref: "#/components/schemas/Problem" }, "Problem"],
  [{ anyOf: [number, { type: "null" }, { type: "number" }] }, "number or null"],
  [list(list(number, { minItems: 3, maxItems: 3 })), "list of list of 3 × number"],
  [list({ oneOf: [number, { type: "null" }] }), "list of (number or null)"],
  [{ type: "array", prefixItems: [number, { type: "string" }] }, "list of [number, string]"],
  [{ type: "array" }, "list of anything"],
  [{ type: "object" }, "object"],
  [{ type: "object", properties: { name: {}, shape: {} } }, "object of name, shape"],
  [
    { type: "array", prefixItems: new Array(30).fill(number) },
    `list of [${new Array(6).fill("number").join(", ")}, … (30)]`,
  ],
  [{}, "anything"],
])("%j is %s", (schema, words) => {
  expect(describeType(schema)).toBe(words);
});

test("lists the properties of an object, and of each alternative of a union", () => {
  const one = { type: "object", properties: { id: { type: "string" }, rows: list(number) }, required: ["rows"] };
  const other = { type: "object", properties: { index: number } };
  expect(propertiesOf({ anyOf: [one, other] })).toEqual([
    [
      { name: "id", type: "string", isRequired: false },
      { name: "rows", type: "list of number", isRequired: true },
    ],
    [{ name: "index", type: "number", isRequired: false }],
  ]);
  expect(propertiesOf(number)).toEqual([]);
});
