import { type Chart, nameLabels } from "./draw.ts";

/** A drawing with a description and a table, also for readers who cannot see it. */
export interface Figure {
  readonly title: string;
  readonly caption: string;
  readonly chart: Chart;
  /** Spans two columns of the page, and scrolls on a phone. */
  readonly isWide?: boolean;
  /** The same as numbers. */
  readonly table: FigureTable;
}

export interface FigureTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

/** Size of the whole drawing, labels included, so that all figures have the same letter size and fit a phone. */
const [WIDTH, HEIGHT] = [340, 250];
export const size = { width: WIDTH, height: HEIGHT, autosize: { type: "fit", contains: "padding" } } as const;
/** Size for horizontal bars: height by the number of bars, plus space for an axis and a legend. */
export const sizeByRows = (rows: number, rowHeight: number) => ({ ...size, height: 84 + rows * rowHeight });
/** Axis of names next to horizontal bars: about half of the drawing. */
export const NAMES = nameLabels(170);
export const unit = { domain: [0, 1] };
export const quantitative = "quantitative" as const;
export const nominal = "nominal" as const;
export const round = (value: number) => Number(value.toFixed(4));
