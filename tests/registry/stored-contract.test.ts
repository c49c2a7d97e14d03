import { expect, test, vi } from "vitest";
import { contractOfReport } from "../../registry/stored-contract.ts";

const bytes = (report: unknown) => ({ bytes: new TextEncoder().encode(JSON.stringify(report)) });

test("extracts the row rules from the report that the guard has checked", () => {
  const say = vi.fn();
  const terms = { rows: { min: 1 }, columns: { a: { min: 0, unique: true } } };
  const contract = { sha256: "a".repeat(64), terms };
  expect(contractOfReport(bytes({ format: "gate-report/2", contract }), say)).toBe('{"columns":{"a":{"min":0}}}');
  expect(contractOfReport(bytes({ format: "gate-report/2" }), say)).toBeUndefined();
  expect(contractOfReport({ missing: "none was recorded" }, say)).toBeUndefined();
  expect(contractOfReport(undefined, say)).toBeUndefined();
  expect(say).not.toHaveBeenCalled();
});

test("reports a contract that this release does not support", () => {
  const say = vi.fn();
  expect(contractOfReport(bytes({ contract: { terms: { columns: { a: { later: 1 } } } } }), say)).toBeUndefined();
  expect(say.mock.calls.join()).toContain(
    "requests will not be checked against a data contract: the gate's report cannot",
  );
});
