import { expect, test } from "vitest";
import { DOCS_STYLE } from "../../../service/openapi/docs-style.ts";
import { STYLE } from "../../../service/page/style.ts";
import { TOKENS } from "../../../service/page/tokens.ts";
import { STYLE as REPORT_STYLE } from "../../../training/gate/report-page/style.ts";
import { contrast } from "../../helpers/contrast.ts";

const THEMES = Object.entries(TOKENS);

test("computes WCAG's contrast for black on white", () => {
  expect(contrast("#000", "#ffffff")).toBe(21);
  expect(contrast("#777777", "#fff")).toBeCloseTo(4.48, 2);
});

test.each(THEMES)("text and marks of the %s theme have the contrast of WCAG AA", (_, theme) => {
  const { paper, panel, ink, soft, accent, good, bad, open, staging, production, faint } = theme;
  const texts = { ink, soft, accent, good, bad, open };
  for (const ground of [paper, panel]) {
    for (const [name, text] of Object.entries(texts))
      expect(contrast(text, ground), `${name} on ${ground}`).toBeGreaterThanOrEqual(4.5);
    // Borders of fields and buttons, and bars of other classes.
    expect(contrast(faint, ground), `faint on ${ground}`).toBeGreaterThanOrEqual(3);
  }
  // Text of badges and of the primary button, normally and on hover.
  for (const [name, ground] of Object.entries({ staging, production, soft, accent, ink }))
    expect(contrast(paper, ground), `paper on ${name}`).toBeGreaterThanOrEqual(4.5);
  expect(new Set([staging, production, soft]).size).toBe(3);
});

test("style sheets use only colours that are tokens", () => {
  const known = new Set([...Object.keys(TOKENS.light), "env", "tone", "other", "low", "high"]);
  for (const style of [STYLE, DOCS_STYLE, REPORT_STYLE]) {
    const named = [...style.matchAll(/var\(--([a-z]+)/g)].map(([, name]) => name ?? "");
    expect(named.length).toBeGreaterThan(15);
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  }
  expect(Object.keys(TOKENS.dark)).toEqual(Object.keys(TOKENS.light));
});
