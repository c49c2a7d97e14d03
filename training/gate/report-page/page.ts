import { iconOn, TOKENS } from "../../../service/page/tokens.ts";
import type { CheckResult } from "../check.ts";
import type { GateReport } from "../report.ts";
import { figures } from "./charts.ts";
import { drawCharts } from "./draw.ts";
import type { Figure, FigureTable } from "./figure.ts";
import { droppedTable } from "./group-figures.ts";
import { headline } from "./headline.ts";
import { metricRows, targetRows } from "./metric-rows.ts";
import { STYLE } from "./style.ts";
import { versionsOf } from "./versions.ts";
import { checkWords, formatTime, NONE, escapeHtml as text } from "./words.ts";
import { worstCaption, worstTable } from "./worst-table.ts";

/**
 * Renders the gate's report as one self-contained HTML page: no script, no font, no request. It shows verdict and reason first, then every
 * check with value, bound, interval and method, then plots, metrics and worst rows, then the inputs.
 */
export async function renderPage(report: GateReport): Promise<string> {
  const plotted = figures(report);
  const svgs = await drawCharts(plotted.map(({ chart }) => chart));
  const { worst } = report;
  const title = `${report.model.name} version ${report.model.version}: gate ${report.verdict}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>${text(title)}</title>
<link rel="icon" href="${iconOn(TOKENS.light[TONES[report.verdict]])}">
<style>${STYLE}</style>
</head>
<body>
<main>
${verdict(report, title)}
<h2>Checks</h2>
${checkTable(report.checks)}
${section("Plots", plotted.length > 0 ? `<div class="figures">\n${plotted.map((figure, at) => figureHtml(figure, svgs[at] ?? "")).join("\n")}\n</div>` : "")}
${subsection("Groups omitted from checks", table("Groups omitted from checks", droppedTable(versionsOf(report))))}
${section("Metrics", table("Metrics", metricRows(report)))}
${subsection("Errors by target", table("Errors by target", targetRows(report)))}
${section("Worst rows", worst ? `<p>${text(worstCaption(worst))}</p>\n${table("Worst rows", worstTable(worst))}` : "")}
<h2>Inputs</h2>
${judged(report)}
<h2>Policy</h2>
<pre tabindex="0" aria-label="Policy"><code>${text(JSON.stringify(report.policy, null, 2))}</code></pre>
</main>
</body>
</html>
`;
}

const section = (title: string, body: string) => (body === "" ? "" : `<h2>${title}</h2>\n${body}`);

const subsection = (title: string, body: string) => (body === "" ? "" : `<h3>${title}</h3>\n${body}`);

/** Renders backticks and asterisks of the gate's own sentences. */
const marked = (sentence: string) =>
  text(sentence)
    .replace(/`([^`]+)`/g, "<code>$1</code>")
    .replace(/\*\*([^*]+)\*\*/g, "<strong>$1</strong>");

/** Token of each verdict's colour. */
const TONES = { passed: "good", failed: "bad", inconclusive: "open" } as const;
const MARKS = { passed: "✔", failed: "✘", inconclusive: "?" } as const;

/** Top of the page: verdict, main reason, other blockers, and the data. */
function verdict(report: GateReport, title: string): string {
  const { verdict, model, judgedAt, evaluation } = report;
  const { reason, others, counts, notes } = headline(report);
  const list = others.map((other) => `<li>${text(other)}</li>`).join("");
  return `<header class="verdict ${verdict}">
<h1>${text(title.slice(0, title.length - verdict.length))}<span class="tone"><span aria-hidden="true">${MARKS[verdict]}</span> ${verdict}</span></h1>
<p class="reason">${text(reason)}</p>
${list === "" ? "" : `<ul>${list}</ul>\n`}<p>${text(counts)}</p>
${notes.map((note) => `<p>${marked(note)}</p>`).join("\n")}
<p class="small">Evaluated on ${evaluation.rows} rows of <code>${text(evaluation.path)}</code>, ${text(formatTime(judgedAt))}. Files: <code>sha256:${text(model.sha256.slice(0, 12))}…</code> (all digits under Inputs)</p>
</header>`;
}

const CHECK_HEAD = ["Outcome", "Check", "Value", "Bound", "Interval", "Result and method"] as const;

/** On a phone each check is a block: roles keep it a table for screen readers. */
function checkTable(checks: readonly CheckResult[]): string {
  // Blocking checks first, then advisory ones.
  const sorted = checks.toSorted((a, b) => weight(b) - weight(a));
  const rows = sorted.map((check) => {
    const { outcome, value, bound, interval } = checkWords(check);
    const why = check.why === undefined ? "" : `<small>${text(check.why)}</small>`;
    const cell = (index: number, html: string, kind = "") =>
      `<td role="cell" data-label="${CHECK_HEAD[index]}"${kind && ` class="${kind}${html === NONE ? " none" : ""}"`}>${html}</td>`;
    return `<tr role="row" class="${check.outcome}">${cell(0, text(outcome), "tone")}${cell(1, text(check.check).replaceAll(".", ".<wbr>"))}${cell(2, text(value), "number")}${cell(3, text(bound), "number")}${cell(4, text(interval), "number")}${cell(5, `${text(check.detail)}${why}`)}</tr>`;
  });
  const head = CHECK_HEAD.map((name) => `<th role="columnheader" scope="col">${name}</th>`).join("");
  return scrolling(
    "Checks",
    `<table class="checks" role="table">
<thead role="rowgroup"><tr role="row">${head}</tr></thead>
<tbody role="rowgroup">
${rows.join("\n")}
</tbody></table>`,
  );
}

const weight = ({ outcome, required }: CheckResult) => (outcome === "pass" ? 0 : required ? 2 : 1);

function figureHtml({ title, caption, isWide, table: numbers }: Figure, svg: string): string {
  const drawing = svg.replace("<svg ", `<svg role="img" aria-label="${text(`${title}. ${caption}`)}" `);
  return `<figure${isWide ? ' class="wide"' : ""}><h3>${text(title)}</h3>${isWide ? scrolling(title, drawing) : drawing}<figcaption>${text(caption)}</figcaption>
<details><summary>As a table<span class="hidden">: ${text(title)}</span></summary>${table(title, numbers)}</details></figure>`;
}

/** The region is focusable, so that the keyboard can scroll it. */
const scrolling = (label: string, html: string) =>
  `<div class="scroll" role="region" aria-label="${text(label)}" tabindex="0">${html}</div>`;

/** Empty without rows. */
function table(label: string, { head, rows }: FigureTable): string {
  if (rows.length === 0) return "";
  const cells = rows.map((row) => {
    const [first = "", ...others] = row;
    const html = (cell: string | number) =>
      `<td${typeof cell === "number" || /^(?:–|-?[\d.]+(?:e[+-]?\d+)?)$/.test(cell) ? ' class="number"' : ""}>${text(String(cell))}</td>`;
    return `<tr><th scope="row">${text(String(first))}</th>${others.map(html).join("")}</tr>`;
  });
  return scrolling(
    label,
    `<table>
<thead><tr>${head.map((name) => `<th scope="col">${text(name)}</th>`).join("")}</tr></thead>
<tbody>
${cells.join("\n")}
</tbody></table>`,
  );
}

function judged({ model, evaluation, facts, policySha256, champion, runtime, contract, scripts }: GateReport): string {
  const data = { evaluation, training: facts.data?.training, reference: facts.data?.reference };
  const snapshots = Object.entries(data).map(([role, found]): [string, string] | undefined =>
    found ? [`${role} data`, `${found.path}, ${found.rows} rows, md5 ${found.md5}`] : undefined,
  );
  const pairs: (readonly [string, string])[] = [
    ["model", `models:/${model.name}/${model.version}`],
    ["run", model.runId],
    ["files", `sha256 ${model.sha256}`],
    ...snapshots.filter((pair) => pair !== undefined),
    ["champion", champion],
    ["runtime", runtime],
    ["policy", `sha256 ${policySha256}`],
    ...(contract ? [["data contract", `sha256 ${contract.sha256}`] as const] : []),
    ...Object.entries(scripts ?? {}).map(([path, sha256]) => ["script", `${path}, sha256 ${sha256}`] as const),
  ];
  const list = pairs
    .filter(([, value]) => value !== undefined)
    .map(([term, value]) => `<dt>${text(term)}</dt><dd><code>${text(value)}</code></dd>`);
  return `<dl class="facts">\n${list.join("\n")}\n</dl>`;
}
