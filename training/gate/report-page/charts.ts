import type { LatencyDetails } from "../check-details.ts";
import type { GateReport } from "../report.ts";
import { classFigures } from "./class-figures.ts";
import { confusionFigures } from "./confusion-figures.ts";
import { contractFigures } from "./contract-figure.ts";
import { curveFigures } from "./curve-figures.ts";
import { COLOURS } from "./draw.ts";
import { driftFigures } from "./drift-figures.ts";
import { type Figure, nominal, quantitative, round, size } from "./figure.ts";
import { groupFigures } from "./group-figures.ts";
import { regressionFigures } from "./regression-figures.ts";
import { versionsOf } from "./versions.ts";

/** The figures of a report, in reading order; each is present if its data is. */
export function figures(report: GateReport): Figure[] {
  const versions = versionsOf(report);
  const { negative = 0, positive = 1 } = report.evaluation.classes ?? {};
  const { latency } = report.facts;
  const classNames = report.evaluation.classes
    ? ([String(negative), String(positive)] as const)
    : (["class 0", "class 1"] as const);
  return [
    ...confusionFigures(versions, [negative, positive]),
    ...classFigures(versions),
    ...regressionFigures(versions),
    ...curveFigures(versions, classNames),
    ...groupFigures(versions, report.policy.slices),
    ...driftFigures(report.facts, report.policy.data?.drift?.psi?.max),
    ...contractFigures(report.facts),
    ...(latency ? [latencyFigure(latency)] : []),
  ];
}

function latencyFigure({ single, batch, throughput }: LatencyDetails): Figure {
  const values = [single, batch].flatMap(({ rows, p50, p95, p99 }) =>
    Object.entries({ p50, p95, p99 }).map(([quantile, ms]) => ({
      quantile,
      ms,
      call: rows === 1 ? "1 row per call" : `${rows} rows per call`,
    })),
  );
  return {
    title: "Latency",
    caption: `Serving predictor, warm, in milliseconds. Throughput: ${Math.round(throughput)} rows per second in calls of ${batch.rows}.`,
    chart: {
      data: { values },
      ...size,
      mark: { type: "bar" },
      encoding: {
        x: { field: "quantile", type: nominal, title: null, axis: { labelAngle: 0 } },
        xOffset: { field: "call", sort: null },
        y: { field: "ms", type: quantitative, title: "milliseconds" },
        fill: { field: "call", type: nominal, sort: null, scale: { range: [COLOURS.low, COLOURS.high] } },
      },
    },
    table: {
      head: ["Call", "Quantile", "Milliseconds"],
      rows: values.map(({ call, quantile, ms }) => [call, quantile, round(ms)]),
    },
  };
}
