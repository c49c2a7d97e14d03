import { expect, test } from "vitest";
import { DOCS_STYLE } from "../../../service/openapi/docs-style.ts";
import { STYLE } from "../../../service/page/style.ts";
import { TOKENS } from "../../../service/page/tokens.ts";
import { STYLE as REPORT_STYLE } from "../../../training/gate/report-page/style.ts";
import { contrast } from "../../helpers/contrast.ts";

const THEMES = Object.entries(TOKENS);

test("black on white has the contrast of WCAG's own example", () => {
  expect(contrast("#000", "#ffffff")).toBe(21);
  expect(contrast("#777777", "#fff")).toBeCloseTo(4.48, 2);
});

test.each(THEMES)("texts and marks of the %s theme have the contrast of WCAG AA", (_, theme) => {
  const { paper, panel, ink, soft, accent, good, bad, open, staging, production, faint } = theme;
  const texts = { ink, soft, accent, good, bad, open };
  for (const ground of [paper, panel]) {
    for (const [name, text] of Object.entries(texts))
      expect(contrast(text, ground), `${name} on ${ground}`).toBeGreaterThanOrEqual(4.5);
    // Borders of fields and buttons, and bars that are not chosen.
    expect(contrast(faint, ground), `faint on ${ground}`).toBeGreaterThanOrEqual(3);
  }
  // Letters of badges and of the first button, at rest and under the pointer.
  for (const [name, ground] of Object.entries({ staging, production, soft, accent, ink }))
    expect(contrast(paper, ground), `paper on ${name}`).toBeGreaterThanOrEqual(4.5);
  expect(new Set([staging, production, soft]).size).toBe(3);
});

test("every colour that a style sheet names is a token", () => {
  const known = new Set([...Object.keys(TOKENS.light), "env", "tone"]);
  for (const style of [STYLE, DOCS_STYLE]) {
    const named = [...style.matchAll(/var\(--([a-z]+)/g)].map(([, name]) => name ?? "");
    expect(named.length).toBeGreaterThan(30);
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  }
  expect(Object.keys(TOKENS.dark)).toEqual(Object.keys(TOKENS.light));
});

test("colours that the gate's report has as well are the report's", () => {
  const blocks = REPORT_STYLE.split(":root {").slice(1);
  for (const [place, [, theme]] of THEMES.entries()) {
    const report = new Map(
      [...(blocks[place] ?? "").matchAll(/--([a-z]+): (#[0-9a-f]{3,6})/g)].map(([, name, value]) => [name, value]),
    );
    const shared = Object.entries(theme).filter(([name]) => report.has(name));
    expect(shared.length).toBe(10);
    for (const [name, value] of shared) expect([name, value]).toEqual([name, report.get(name)]);
  }
});
