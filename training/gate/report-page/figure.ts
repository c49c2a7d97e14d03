import type { Chart } from "./draw.ts";

/** A drawing with what is told about it in words: for whoever cannot see it, too. */
export interface Figure {
  readonly title: string;
  readonly caption: string;
  readonly chart: Chart;
}

/** Of the whole drawing, labels included, so that all figures have letters of one size. */
const [WIDTH, HEIGHT] = [340, 250];
export const size = { width: WIDTH, height: HEIGHT, autosize: { type: "fit", contains: "padding" } } as const;
/** For bars that lie: as high as there are bars, with room for their names. */
export const sizeByRows = (step: number) => ({ width: 220, height: { step } });
export const unit = { domain: [0, 1] };
export const quantitative = "quantitative" as const;
export const nominal = "nominal" as const;
export const round = (value: number) => Number(value.toFixed(4));
