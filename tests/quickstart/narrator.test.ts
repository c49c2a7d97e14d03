import { expect, test } from "vitest";
import { ratio, table } from "../../quickstart/narrator.ts";

test("aligns columns by their longest cell, without trailing blanks", () => {
  const rows = [
    ["stage", "version", "URL"],
    ["Staging", "2", "http://127.0.0.1:8000"],
    ["Production", "1", ""],
  ];
  expect(table(rows)).toBe(
    [
      "stage       version  URL",
      "──────────  ───────  ─────────────────────",
      "Staging     2        http://127.0.0.1:8000",
      "Production  1",
    ].join("\n"),
  );
});

test("formats a header without rows, and a row with missing cells", () => {
  expect(table([["a", "b"]])).toBe("a  b\n─  ─");
  expect(table([["a", "b"], ["long"]])).toBe("a     b\n────  ─\nlong");
});

test("formats ratios with the same number of digits, so that they can be compared at a glance", () => {
  expect([0.9, 0.8975, 0.925202608, undefined].map(ratio)).toEqual(["0.9000", "0.8975", "0.9252", "unknown"]);
});
