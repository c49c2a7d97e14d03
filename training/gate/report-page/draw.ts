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
} as const;

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
    labelFontSize: 11,
    titleFontSize: 11,
  },
  legend: {
    labelColor: "currentColor",
    titleColor: "currentColor",
    orient: "top",
    title: null,
    labelLimit: 300,
    symbolOpacity: 1,
    columns: 1,
  },
  header: { labelColor: "currentColor", labelFontSize: 11, labelLimit: 90, labelPadding: 2 },
  facet: { spacing: 14 },
  text: { fill: "currentColor" },
};

/** Missing from vega's types. */
interface TextMetrics {
  width: (item: { readonly fontSize?: number }, text: unknown) => number;
}

/** Average width relative to height, in the wider fonts that browsers use. */
const LETTER_WIDTH = 0.62;

/**
 * Renders charts to SVG without a browser. Only this module loads vega and vega-lite: a gate that draws no report does
 * not pay for them.
 * @returns one `<svg>` element per chart
 */
export async function drawCharts(charts: readonly Chart[]): Promise<string[]> {
  if (charts.length === 0) return [];
  const [vega, { compile }] = await Promise.all([import("vega"), import("vega-lite")]);
  // Without a canvas, vega assumes a width of 0.8 of the height, and truncates names that would fit.
  const { textMetrics } = vega as unknown as { readonly textMetrics: TextMetrics };
  textMetrics.width = ({ fontSize = 11 }, text) => LETTER_WIDTH * fontSize * String(text).length;
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
