import type { Config, TopLevelSpec } from "vega-lite";

/** A vega-lite specification. */
export type Chart = TopLevelSpec;

/** Colours are the page's CSS variables, which dark mode and print redefine. */
export const COLOURS = {
  accent: "var(--accent)",
  other: "var(--other)",
  faint: "var(--faint)",
  /** For parts of one version, such as its classes. */
  low: "var(--low)",
  high: "var(--high)",
  /** Above a bound. */
  over: "var(--open)",
} as const;

const FONT_SIZE = 12;

const CONFIG: Config = {
  // For a screen reader, a plot is one image next to a table: labels on each point would double the page and never be read.
  aria: false,
  // `null`: no background, so the page's shows.
  background: null as unknown as string,
  font: "system-ui, sans-serif",
  view: { stroke: null },
  axis: {
    labelColor: "currentColor",
    titleColor: "currentColor",
    domainColor: COLOURS.faint,
    tickColor: COLOURS.faint,
    gridColor: COLOURS.faint,
    gridOpacity: 0.4,
    titleFontWeight: "normal",
    labelFontSize: FONT_SIZE,
    titleFontSize: FONT_SIZE,
  },
  legend: {
    labelColor: "currentColor",
    titleColor: "currentColor",
    orient: "top",
    title: null,
    labelFontSize: FONT_SIZE,
    labelLimit: 300,
    symbolOpacity: 1,
    columns: 1,
  },
  header: { labelColor: "currentColor", labelFontSize: FONT_SIZE, labelPadding: 2 },
  facet: { spacing: 14 },
  text: { fill: "currentColor" },
};

/** Missing from vega's types. */
interface TextMetrics {
  width: (item: { readonly fontSize?: number; readonly limit?: number }, text: unknown) => number;
}

/** Average width relative to height, in the wider fonts that browsers use. */
const LETTER_WIDTH = 0.62;

/**
 * Limits the width of names. A longer name loses its middle, because names often differ only at their ends.
 * @param labelLimit in pixels
 */
export function nameLabels(labelLimit: number) {
  const letters = Math.floor(labelLimit / (LETTER_WIDTH * FONT_SIZE)) - 1;
  const end = Math.floor((letters - 1) / 2);
  return {
    labelLimit,
    labelExpr: `length(datum.label) > ${letters} ? slice(datum.label, 0, ${letters - 1 - end}) + '…' + slice(datum.label, -${end}) : datum.label`,
  };
}

/**
 * Renders charts to SVG without a browser. Only this module loads vega and vega-lite: a gate that draws no report does
 * not pay for them.
 * @returns one `<svg>` element per chart
 */
export async function drawCharts(charts: readonly Chart[]): Promise<string[]> {
  if (charts.length === 0) return [];
  const [vega, { compile }] = await Promise.all([import("vega"), import("vega-lite")]);
  // Without a canvas, vega assumes a width of 0.8 of the height, and truncates names that would fit. It passes the whole name, even if it draws only a
  // part: without the limit, a long name would take the space of the marks.
  const { textMetrics } = vega as unknown as { readonly textMetrics: TextMetrics };
  textMetrics.width = ({ fontSize = FONT_SIZE, limit = 0 }, text) =>
    Math.min(limit > 0 ? limit : Number.POSITIVE_INFINITY, LETTER_WIDTH * fontSize * String(text).length);
  return Promise.all(
    charts.map(async (chart) => {
      const { spec } = compile(chart, { config: CONFIG });
      const view = new vega.View(vega.parse(spec), { renderer: "none" });
      try {
        return await view.toSVG();
      } finally {
        view.finalize();
      }
    }),
  );
}
