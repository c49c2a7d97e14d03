import { expect, test } from "vitest";
import { table } from "../../quickstart/narrator.ts";

test("lines up columns by their longest cell, without blanks at the ends", () => {
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

test("shows a head without rows, and a row with too few cells", () => {
  expect(table([["a", "b"]])).toBe("a  b\n─  ─");
  expect(table([["a", "b"], ["long"]])).toBe("a     b\n────  ─\nlong");
});
