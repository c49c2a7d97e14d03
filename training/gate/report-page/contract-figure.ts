import type { Violation } from "../../../data/contract/contract-check.ts";
import type { CheckDetails } from "../check-details.ts";
import type { SnapshotFindings } from "../checks/contract.ts";
import { COLOURS } from "./draw.ts";
import { type Figure, type FigureTable, NAMES, nominal, quantitative, sizeByRows } from "./figure.ts";
import { formatNumber, NONE } from "./words.ts";

/** More bars cannot be compared; the table has all. */
const MOST_RULES = 30;

interface Broken extends Violation {
  readonly snapshot: SnapshotFindings;
  /** Share of the snapshot's rows; 1 for rules about the whole snapshot. */
  readonly share: number;
}

/** Violations in the snapshots, most frequent first. */
const brokenIn = ({ contract = [] }: CheckDetails): readonly Broken[] =>
  contract
    .flatMap((snapshot) =>
      snapshot.violations.map((violation) => ({
        ...violation,
        snapshot,
        share: isOfRows(violation) ? violation.rows / Math.max(1, snapshot.rows) : 1,
      })),
    )
    .toSorted((a, b) => b.share - a.share);

const isOfRows = ({ rule }: Violation) => rule !== "rows" && rule !== "column";

const subjectOf = ({ column = "rows of the snapshot", rule }: Violation) =>
  rule === "rows" ? column : `${column}: ${rule === "column" ? "missing" : rule}`;

/** Summarizes in one line which snapshots meet the contract; undefined without a contract. */
export function contractCaption({ contract = [] }: CheckDetails): string | undefined {
  if (contract.length === 0) return undefined;
  const sentences = contract.map(({ name, rows, violations }) => {
    const broken = violations.length === 0 ? "meets it" : `violates ${violations.length} of its rules`;
    return `${name} (${rows} rows) ${broken}`;
  });
  return `${sentences.join("; ")}.`;
}

/** For a missing column, the nearest name. */
const boundOf = ({ rule, bound }: Violation) =>
  bound === undefined ? NONE : rule === "column" ? `the nearest is ${bound}` : bound;

/** One row per violated rule and snapshot. */
export const contractTable = (facts: CheckDetails): FigureTable => ({
  head: ["Snapshot", "Column", "Rule", "Bound", "Rows", "Share of rows", "First row", "Example"],
  rows: brokenIn(facts).map((one) => [
    one.snapshot.name,
    one.column ?? NONE,
    one.rule,
    boundOf(one),
    ...(isOfRows(one) ? [one.rows, formatNumber(one.share)] : [one.rule === "rows" ? one.rows : NONE, NONE]),
    one.row ?? NONE,
    one.example ?? NONE,
  ]),
});

/** Shows which columns violate which rules, and how often; no figure if all snapshots meet the contract. */
export function contractFigures(facts: CheckDetails): Figure[] {
  const all = brokenIn(facts);
  if (all.length === 0) return [];
  const plotted = all.slice(0, MOST_RULES);
  const snapshots = [...new Set(plotted.map(({ snapshot }) => snapshot.name))];
  const isSeveral = snapshots.length > 1;
  const values = plotted.map((one) => ({ rule: subjectOf(one), share: one.share, snapshot: one.snapshot.name }));
  const rules = new Set(values.map(({ rule }) => rule)).size;
  const cut = all.length > MOST_RULES ? ` The ${MOST_RULES} most frequent of ${all.length}.` : "";
  return [
    {
      title: "Data contract",
      caption: `Share of rows that violate a rule of the data contract: ${contractCaption(facts)}${cut}`,
      chart: {
        data: { values },
        ...sizeByRows(rules, isSeveral ? 30 : 20),
        mark: { type: "bar" },
        encoding: {
          y: { field: "rule", type: nominal, sort: null, title: null, axis: NAMES },
          ...(isSeveral && { yOffset: { field: "snapshot", type: nominal, sort: null, scale: { domain: snapshots } } }),
          x: { field: "share", type: quantitative, title: "share of rows", scale: { domainMin: 0 } },
          fill: {
            field: "snapshot",
            type: nominal,
            sort: null,
            legend: isSeveral ? {} : null,
            scale: { domain: snapshots, range: [COLOURS.accent, COLOURS.low, COLOURS.high].slice(0, snapshots.length) },
          },
        },
      },
      table: contractTable(facts),
    },
  ];
}
