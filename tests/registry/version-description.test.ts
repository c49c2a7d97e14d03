import { expect, test } from "vitest";
import { withGateNote } from "../../registry/version-description.ts";

const noted = withGateNote("", "### passed\n");

test("an empty description becomes the note", () => {
  expect(noted).toBe("<!-- quality gate: rewritten by each verdict -->\n### passed\n<!-- /quality gate -->");
});

test("keeps text that people wrote before and after the note", () => {
  const written = `${withGateNote("Trained by hand.\n", "### failed")}\n\nAsk Ada.`;
  const again = withGateNote(written, "### passed");
  expect(again).toBe(`Trained by hand.\n\n${noted}\n\nAsk Ada.`);
  expect(withGateNote(again, "### passed")).toBe(again);
});

test("appends a new note after one whose end was cut off", () => {
  expect(withGateNote("<!-- quality gate: rewritten by each verdict -->\n### fai", "### passed")).toMatch(
    /### fai\n\n<!-- quality gate.*-->\n### passed\n<!-- \/quality gate -->$/,
  );
});
