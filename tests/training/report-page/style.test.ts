import { expect, test } from "vitest";
import { STYLE } from "../../../training/gate/report-page/style.ts";
import { contrast } from "../../helpers/contrast.ts";

/** Colours of a block of custom properties. */
const colours = (block: string) =>
  Object.fromEntries(
    [...block.matchAll(/--([a-z]+): (#[0-9a-f]{3,6})/g)].map(([, name = "", value = ""]) => [name, value]),
  );

const [light = "", dark = ""] = STYLE.split(":root {").slice(1);
const THEMES = { light: colours(light), dark: colours(dark) };

test.each(Object.entries(THEMES))("texts and marks of the %s theme meet the contrast of WCAG AA", (_, theme) => {
  expect(Object.keys(theme).length).toBeGreaterThan(10);
  for (const ground of [theme.paper, theme.panel]) {
    for (const text of ["ink", "soft", "good", "bad", "open", "accent"])
      expect([text, contrast(theme[text] ?? "", ground ?? "") >= 4.5]).toEqual([text, true]);
    for (const mark of ["accent", "other", "low", "high", "faint"])
      expect([mark, contrast(theme[mark] ?? "", ground ?? "") >= 3]).toEqual([mark, true]);
  }
});
