import { environmentOf, iconOf } from "./environment.ts";
import { type FormProps, form } from "./form.ts";
import { type HeaderProps, header, isReasonFirst, otherName } from "./header.ts";
import { escapeHtml, htmlPage, type PageReply } from "./html.ts";
import { ANSWER } from "./script/answer.ts";
import { BARS } from "./script/bars.ts";
import { COMMON } from "./script/common.ts";
import { FORM } from "./script/form.ts";
import { WATCH } from "./script/watch.ts";
import { STYLE } from "./style.ts";

/** Script of the page at `/`, as sent to the browser. */
export const SCRIPT = [COMMON, BARS, FORM, ANSWER, WATCH].join("");

export interface PageProps extends FormProps, HeaderProps {
  /** When the model was saved; undefined if its files do not record it. */
  readonly created: Date | undefined;
  /** When this process started. */
  readonly started: Date;
}

/** Renders the page at `/`: the served model, a form to try it, and live metrics. */
export function page(props: PageProps): PageReply {
  const { name, version, stage } = props.model;
  const kind = environmentOf(stage);
  const badges = [
    `<span class="badge" id="state" role="status" hidden>Connecting …</span>`,
    `<span class="badge" id="drift-state" role="status" hidden></span>`,
  ];
  const body = `<div class="page" data-environment="${kind}">
${header(props, "./", badges, times(props))}
<main class="grid">
<div>
<section aria-labelledby="form-title"><h2 id="form-title">Predict</h2>${form(props)}</section>
<section aria-labelledby="latency-title"><h2 id="latency-title">Latency</h2><dl class="tiles" id="traffic"></dl><div id="latency"></div></section>
</div>
<div>
<section aria-labelledby="card-title"><h2 id="card-title">Model</h2>${model(props)}</section>
<section aria-labelledby="drift-title"><h2 id="drift-title">Drift</h2><p class="note" id="drift-note"></p><div id="drift"></div></section>
</div>
</main>
</div>`;
  const environment = kind === "other" ? "" : ` (${kind})`;
  return htmlPage({
    title: `${name} ${version}${environment}`,
    icon: iconOf(kind),
    style: STYLE,
    script: SCRIPT,
    body,
  });
}

/** Renders the ages of the model, its verdict and the process. */
function times({ created, started, card }: PageProps): string {
  const judged = card?.judgedAt;
  const parts: [string, Date | undefined][] = [
    ["Created", created],
    ["Evaluated", judged === undefined ? undefined : new Date(judged)],
    ["Serving since", started],
  ];
  const spans = parts.flatMap(([event, date]) => (date === undefined ? [] : [`<span>${event} ${time(date)}</span>`]));
  return `<p class="times note">${spans.join("")}</p>`;
}

/** Renders a time, to which the script appends the age. */
function time(date: Date): string {
  const iso = date.toISOString();
  return `<time datetime="${iso}">${iso.slice(0, 16).replace("T", " ")} UTC</time>`;
}

/** Displayed length of the digest. The copy button copies all of it. */
const DIGEST_LENGTH = 12;

function model({ model, card = {}, otherUrl }: PageProps): string {
  const { summary, metrics = {}, reportUrl } = card;
  const tiles = Object.entries(metrics).map(
    ([name, value]) => `<div><dt>${escapeHtml(metricName(name))}</dt><dd>${metricValue(value)}</dd></div>`,
  );
  const sha256 = escapeHtml(model.sha256);
  const rows: [string, string][] = [];
  if (summary !== undefined && !isReasonFirst(card)) rows.push(["Gate", escapeHtml(summary)]);
  if (reportUrl !== undefined) rows.push(["Report", `<a href="${escapeHtml(reportUrl)}">The gate’s report</a>`]);
  rows.push([
    "Files",
    `<code title="SHA-256: ${sha256}"><span class="on-screen">${sha256.slice(0, DIGEST_LENGTH)}…</span><span class="on-paper">${sha256}</span></code><button type="button" class="copy" data-copy="${sha256}" aria-label="Copy the SHA-256 of the model’s files">Copy</button>`,
  ]);
  if (otherUrl !== undefined)
    rows.push([
      "Other environment",
      `<a href="${escapeHtml(otherUrl)}" id="other" aria-live="polite">${otherName(model.stage)}</a>`,
    ]);
  return `${tiles.length > 0 ? `<dl class="tiles">${tiles.join("")}</dl>` : ""}
<dl class="facts">${rows.map(([term, value]) => `<dt>${term}</dt><dd>${value}</dd>`).join("")}</dl>
<p class="actions"><button type="button" id="health">Check Health</button></p><pre id="health-answer" aria-live="polite" tabindex="0" aria-label="Answer of /health" hidden></pre>`;
}

/** Abbreviations in MLflow's metric names. */
const ABBREVIATIONS = ["auc", "f1", "mcc", "pr", "r2", "roc"];

/** Formats MLflow's name of a metric for display: `pr_auc` becomes `PR AUC`. */
export const metricName = (name: string): string =>
  name
    .split("_")
    .map((part) => (ABBREVIATIONS.includes(part) ? part.toUpperCase() : part))
    .join(" ");

/** Formats a metric's value with up to five significant digits. Numbers from 100,000 keep the digits before the decimal point, in groups. */
export function metricValue(value: number): string {
  if (Math.abs(value) >= 1e5 && Math.abs(value) < 1e15) return Math.round(value).toLocaleString("en");
  return String(Number.isInteger(value) ? value : Number(value.toPrecision(5)));
}
