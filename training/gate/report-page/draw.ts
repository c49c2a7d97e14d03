import type { Config, TopLevelSpec } from "vega-lite";

/** A chart as vega-lite describes it. */
export type Chart = TopLevelSpec;

/** Colours are the page's CSS variables, so that dark mode and print change them. */
export const COLOURS = {
  accent: "var(--accent)",
  other: "var(--other)",
  faint: "var(--faint)",
  /** Of parts of one version, such as its classes. */
  low: "var(--low)",
  high: "var(--high)",
} as const;

const CONFIG: Config = {
  // A drawing is one image to a screen reader, with its table beside it: labels of each point would double the page and never be read out.
  aria: false,
  // `null` is no background: the page's shows.
  background: null as unknown as string,
  font: "system-ui, sans-serif",
  view: { stroke: null },
  axis: {
    ...{ labelColor: "currentColor", titleColor: "currentColor", domainColor: COLOURS.faint, tickColor: COLOURS.faint },
    ...{ gridColor: COLOURS.faint, gridOpacity: 0.4, titleFontWeight: "normal", labelFontSize: 11, titleFontSize: 11 },
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

/** Not declared in vega's types. */
interface TextMetrics {
  width: (item: { readonly fontSize?: number }, text: unknown) => number;
}

/** Of their height, on average, in the wider ones of the fonts that browsers take. */
const LETTER_WIDTH = 0.62;

/**
 * Draws charts to SVG, without a browser. vega and vega-lite are loaded here and only here: a gate whose report nobody draws does
 * not pay for them.
 * @returns one `<svg>` element a chart
 */
export async function drawCharts(charts: readonly Chart[]): Promise<string[]> {
  if (charts.length === 0) return [];
  const [vega, { compile }] = await Promise.all([import("vega"), import("vega-lite")]);
  // Without a canvas vega takes 0.8 of the letters' height for their width, and cuts names that have room.
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
