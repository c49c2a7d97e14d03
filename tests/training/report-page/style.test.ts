import { expect, test } from "vitest";
import { STYLE } from "../../../training/gate/report-page/style.ts";

/** Colours of a block of custom properties. */
const colours = (block: string) =>
  Object.fromEntries(
    [...block.matchAll(/--([a-z]+): (#[0-9a-f]{3,6})/g)].map(([, name = "", value = ""]) => [name, value]),
  );

const [light = "", dark = "", print = ""] = STYLE.split(":root {").slice(1);
const THEMES = { light: colours(light), dark: colours(dark), print: colours(print) };

function luminance(hex: string): number {
  const long = hex.length === 4 ? [...hex.slice(1)].map((digit) => digit + digit).join("") : hex.slice(1);
  const [red = 0, green = 0, blue = 0] = [0, 2, 4].map((at) => {
    const share = Number.parseInt(long.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

const contrast = (one = "", other = "") => {
  const [high, low] = [luminance(one), luminance(other)].sort((a, b) => b - a) as [number, number];
  return (high + 0.05) / (low + 0.05);
};

test.each(Object.entries(THEMES))("texts and marks of the %s theme meet the contrast of WCAG AA", (_, theme) => {
  expect(Object.keys(theme).length).toBeGreaterThan(10);
  for (const ground of [theme.paper, theme.panel]) {
    for (const text of ["ink", "soft", "good", "bad", "open", "accent"])
      expect([text, contrast(theme[text], ground) >= 4.5]).toEqual([text, true]);
    for (const mark of ["accent", "other", "low", "high", "faint"])
      expect([mark, contrast(theme[mark], ground) >= 3]).toEqual([mark, true]);
  }
});
