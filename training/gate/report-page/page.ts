import type { CheckResult } from "../check.ts";
import type { GateReport } from "../report.ts";
import { figures } from "./charts.ts";
import { drawCharts } from "./draw.ts";
import { escapeHtml as text } from "./escape.ts";
import type { Figure } from "./figure.ts";
import { STYLE } from "./style.ts";
import { checkWords, formatNumber } from "./words.ts";

/**
 * The gate's report as one HTML page that needs nothing else: no script, no font, no request. The verdict stands first, then every
 * check with value, bound, interval and how it was computed, then the plots, then what was judged.
 */
export async function renderPage(report: GateReport): Promise<string> {
  const drawn = figures(report);
  const svgs = await drawCharts(drawn.map(({ chart }) => chart));
  const title = `${report.model.name} version ${report.model.version}: gate ${report.verdict}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${text(title)}</title>
<style>${STYLE}</style>
</head>
<body>
${verdict(report, title)}
<h2>Checks</h2>
${checkTable(report.checks)}
${section("Plots", drawn.length > 0 ? `<div class="figures">\n${drawn.map((figure, at) => figureHtml(figure, svgs[at] ?? "")).join("\n")}\n</div>` : "")}
${section("Metrics", metricTable(report))}
<h2>What was judged</h2>
${judged(report)}
<h2>Policy</h2>
<pre><code>${text(JSON.stringify(report.policy, null, 2))}</code></pre>
</body>
</html>
`;
}

const section = (title: string, body: string) => (body === "" ? "" : `<h2>${title}</h2>\n${body}`);

/** Whatever blocks, told at once; where nothing does, how many checks passed. */
function verdict({ verdict, checks, model, judgedAt, evaluation }: GateReport, title: string): string {
  const blocking = checks.filter(({ required, outcome }) => required && outcome !== "pass");
  const passed = checks.filter(({ outcome }) => outcome === "pass").length;
  const reasons = blocking.map(({ detail }) => `<li>${text(detail)}</li>`).join("");
  return `<header class="verdict ${verdict}">
<h1>${text(title.slice(0, title.length - verdict.length))}<span class="tone">${verdict}</span></h1>
${reasons === "" ? "" : `<ul>${reasons}</ul>\n`}<p>${passed} of ${checks.length} checks passed on ${evaluation.rows} rows, judged ${text(judgedAt)}. Files judged: <code>sha256:${text(model.sha256)}</code></p>
</header>`;
}

function checkTable(checks: readonly CheckResult[]): string {
  // What blocks stands first, then what is advised.
  const sorted = checks.toSorted((a, b) => weight(b) - weight(a));
  const rows = sorted.map((check) => {
    const { outcome, value, bound, interval } = checkWords(check);
    const why = check.why === undefined ? "" : `<small>${text(check.why)}</small>`;
    return `<tr class="${check.outcome}"><td class="tone">${text(outcome)}</td><td>${text(check.check).replaceAll(".", ".<wbr>")}</td><td class="number">${text(value)}</td><td class="number">${text(bound)}</td><td class="number">${text(interval)}</td><td>${text(check.detail)}${why}</td></tr>`;
  });
  return `<div class="scroll"><table class="checks">
<thead><tr><th scope="col">Outcome</th><th scope="col">Check</th><th scope="col">Value</th><th scope="col">Bound</th><th scope="col">Interval</th><th scope="col">Found, and how</th></tr></thead>
<tbody>
${rows.join("\n")}
</tbody></table></div>`;
}

const weight = ({ outcome, required }: CheckResult) => (outcome === "pass" ? 0 : required ? 2 : 1);

const figureHtml = ({ title, caption }: Figure, svg: string) =>
  `<figure><h3>${text(title)}</h3>${svg.replace("<svg ", `<svg role="img" aria-label="${text(`${title}. ${caption}`)}" `)}<figcaption>${text(caption)}</figcaption></figure>`;

/** The candidate's metrics, beside the champion's where there is one. */
function metricTable({ metrics, facts }: GateReport): string {
  if (!metrics) return "";
  const champion = facts?.champion;
  const rows = Object.entries(metrics).map(([name, value]) => {
    const theirs = champion?.metrics[name];
    const beside = champion ? `<td class="number">${theirs === undefined ? "–" : formatNumber(theirs)}</td>` : "";
    return `<tr><td>${text(name)}</td><td class="number">${formatNumber(value)}</td>${beside}</tr>`;
  });
  const head = champion ? `<th scope="col">version ${text(champion.version)}, in production</th>` : "";
  return `<div class="scroll"><table>
<thead><tr><th scope="col">Metric</th><th scope="col">this version</th>${head}</tr></thead>
<tbody>
${rows.join("\n")}
</tbody></table></div>`;
}

function judged({ model, evaluation, facts, policySha256 }: GateReport): string {
  const data = { evaluation, training: facts?.data?.training, reference: facts?.data?.reference };
  const snapshots = Object.entries(data).map(([role, found]): [string, string] | undefined =>
    found ? [`${role} data`, `${found.path}, ${found.rows} rows, md5 ${found.md5}`] : undefined,
  );
  const pairs: (readonly [string, string])[] = [
    ["model", `models:/${model.name}/${model.version}`],
    ["run", model.runId],
    ["files", `sha256 ${model.sha256}`],
    ...snapshots.filter((pair) => pair !== undefined),
    ["policy", `sha256 ${policySha256}`],
  ];
  const list = pairs.map(([term, value]) => `<dt>${text(term)}</dt><dd><code>${text(value)}</code></dd>`);
  return `<dl class="facts">\n${list.join("\n")}\n</dl>`;
}
