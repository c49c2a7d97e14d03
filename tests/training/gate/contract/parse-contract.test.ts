import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadContract, parseContract, readContract } from "../../../../training/gate/contract/parse-contract.ts";
import { contractSha256, policySha256 } from "../../../../training/gate/policy.ts";
import { temporaryFolder } from "../../../fixtures/training/pinned-csv.ts";

const problem = (raw: unknown): string => {
  try {
    parseContract(raw, "contract.yaml");
  } catch (error) {
    return (error as Error).message;
  }
  return "accepted";
};

test("accepts contracts as people write them", () => {
  expect(
    problem({
      rows: { min: 10, max: 1000 },
      columns: {
        age: { type: "integer", missing: 0, min: 0, max: 120 },
        plan: { type: "text", missing: 0.1, categories: ["basic", "plus"] },
        since: { type: "date", min: "2020-01-01", max: "2030-01-01T12:00:00Z" },
        id: { unique: true },
        // Only one of both values is out of range.
        level: { type: "integer", min: 1, categories: [0, 1] },
      },
    }),
  ).toBe("accepted");
});

test.each([
  [{ column: {} }, "contract.yaml: column is not a setting. The nearest is columns"],
  [
    { columns: { age: { typ: "number" } } },
    "contract.yaml: columns.age.typ is not a setting. The nearest is columns.age.type",
  ],
  [
    { columns: { age: { type: "float" } } },
    'contract.yaml: columns.age.type must be number, integer, boolean, text or date, got "float"',
  ],
  [
    { columns: { age: { missing: 5 } } },
    "contract.yaml: columns.age.missing must be between 0 and 1, got 5: for example, write 5 % as 0.05",
  ],
  [
    { columns: { age: { type: "integer", min: 50, categories: [10, 20] } } },
    "contract.yaml: columns.age.categories lists no value that is allowed by type integer, min and max, got [10,20]: every row would violate the contract",
  ],
  [
    { columns: { sex: { type: "number", categories: ["f", "m"] } } },
    'contract.yaml: columns.sex.categories lists no value that is allowed by type number, got ["f","m"]: every row would violate the contract',
  ],
  [{ columns: { age: { min: 3, max: 2 } } }, "contract.yaml: columns.age.max must not be below min (3), got 2"],
  [
    { columns: { plan: { type: "text", min: 3 } } },
    "contract.yaml: columns.plan.min applies to numbers and dates, but type is text, got 3",
  ],
  [
    { columns: { since: { type: "date", min: "soon" } } },
    'contract.yaml: columns.since.min must be a date, such as 2026-05-01 or 2026-05-01T12:00:00Z, got "soon"',
  ],
  [
    { columns: { since: { min: "2026-05-01" } } },
    'contract.yaml: columns.since.min is a date, got "2026-05-01": set type to date',
  ],
  [
    { columns: { plan: { categories: [] } } },
    "contract.yaml: columns.plan.categories must list at least one value, got []",
  ],
  [
    { rows: { min: 3, max: 2 }, columns: {} },
    'contract.yaml: rows must have a min that is not above max, got {"min":3,"max":2}',
  ],
  [{}, "contract.yaml: the contract must describe at least one column, got {}"],
  [{ columns: { a: 3 } }, "contract.yaml: columns.a must be an object, got 3"],
  ["x", 'contract.yaml: the contract must be an object, got "x"'],
])("%j: %s", (raw, message) => {
  expect(problem(raw)).toBe(message);
});

test("reads YAML and JSON, and names file and line for anything else", async () => {
  const folder = await temporaryFolder();
  const file = async (name: string, text: string) => {
    await writeFile(join(folder, name), text);
    return join(folder, name);
  };
  expect(await readContract(await file("a.json", '{"columns":{"a":{"min":0}}}'))).toEqual({
    columns: { a: { min: 0 } },
  });
  expect(await readContract(await file("a.yaml", "columns:\n  a: { min: 0 } # none below\n"))).toEqual({
    columns: { a: { min: 0 } },
  });
  await expect(readContract(await file("b.yaml", "columns:\n  a: {}\n  a: {}\n"))).rejects.toThrow(
    /b\.yaml is not YAML: Map keys must be unique at line 3/,
  );
  await expect(readContract(join(folder, "none.yaml"))).rejects.toThrow(
    /data\.contract .*none\.yaml cannot be read: ENOENT/,
  );
});

test("a contract cannot contain the label, weights, the id or dropped columns", async () => {
  const contract = { columns: { a: {}, churned: {}, w: {}, id: {}, flat_no: { unique: true } } };
  const format = { label: "churned", weights: "w", ignore: ["id"], id: "flat_no" };
  await expect(loadContract(contract, format)).rejects.toThrow(
    "data.contract: columns.churned cannot be checked: this is the label, whose values data.classes lists. Remove it from the contract\n" +
      "data.contract: columns.w cannot be checked: data.weights names this column. Remove it from the contract\n" +
      "data.contract: columns.id cannot be checked: data.ignore drops this column. Remove it from the contract\n" +
      "data.contract: columns.flat_no cannot be checked: data.id names this column, which identifies rows in the report. Remove it from the contract, or unset data.id",
  );
  await expect(loadContract({ columns: { label: {} } })).rejects.toThrow("columns.label cannot be checked");
  expect(await loadContract({ columns: { a: {} } }, format)).toEqual({ columns: { a: {} } });
});

test("a contract's digest ignores order; the policy's digest covers it, and does not change without one", () => {
  const one = parseContract({ columns: { a: { min: 0, max: 1 }, b: {} } }, "");
  const other = parseContract({ columns: { b: {}, a: { max: 1, min: 0 } } }, "");
  const policy = { accuracy: { min: 0.85 } };
  expect(contractSha256(one)).toBe(contractSha256(other));
  expect(policySha256(policy, { contract: one })).toBe(policySha256(policy, { contract: other }));
  expect(policySha256(policy, { contract: one })).not.toBe(
    policySha256(policy, { contract: parseContract({ columns: { a: { min: 0 } } }, "") }),
  );
  expect(policySha256(policy)).toBe("2fe79fd78b6dc0d9b97b55190cd5026152b6971fc1cce3e91375f0330091e825");
});
