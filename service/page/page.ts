import type { ModelIdentity } from "../model-source.ts";
import type { ModelCard } from "./card.ts";
import { type FormFacts, form } from "./form.ts";
import { escapeHtml, htmlPage, type PageReply } from "./html.ts";
import { SCRIPT } from "./script.ts";
import { STYLE } from "./style.ts";

export interface PageFacts extends FormFacts {
  readonly model: ModelIdentity;
  readonly card: ModelCard | undefined;
  readonly otherUrl: string | undefined;
}

/** The page at `/`: what is served, a form that asks it, and how it is doing. */
export function page(facts: PageFacts): PageReply {
  const { name, version } = facts.model;
  const body = `<main>
<header><h1>${escapeHtml(name)} <small>version ${escapeHtml(version)}</small></h1>
<p id="state" role="status">…</p></header>
<div class="columns">
<section aria-labelledby="card-title"><h2 id="card-title">Model</h2>${card(facts)}</section>
<section aria-labelledby="form-title"><h2 id="form-title">Predict</h2>${form(facts)}</section>
<section aria-labelledby="latency-title"><h2 id="latency-title">Latency</h2><p id="traffic">…</p><div id="latency"></div></section>
<section aria-labelledby="drift-title"><h2 id="drift-title">Drift</h2><p id="drift-note">…</p><div id="drift"></div></section>
</div>
<footer><a href="docs">API</a> <a href="openapi.json">OpenAPI</a> <a href="metrics">Metrics</a></footer>
</main>`;
  return htmlPage({ title: `${name} ${version}`, style: STYLE, script: SCRIPT, body });
}

function card({ model, card = {}, otherUrl }: PageFacts): string {
  const { verdict, summary, metrics = {}, reportUrl } = card;
  const rows: [string, string][] = [
    ["Stage", escapeHtml(model.stage)],
    [
      "Gate",
      verdict === undefined
        ? "not told"
        : `<strong data-verdict="${escapeHtml(verdict)}">${escapeHtml(verdict)}</strong>`,
    ],
  ];
  if (summary !== undefined) rows.push(["Reasons", escapeHtml(summary)]);
  for (const [name, value] of Object.entries(metrics)) rows.push([escapeHtml(name), escapeHtml(value)]);
  rows.push(["Digest", `<code title="SHA-256 of the model's files">${escapeHtml(model.sha256)}</code>`]);
  if (reportUrl !== undefined) rows.push(["Report", `<a href="${escapeHtml(reportUrl)}">${escapeHtml(reportUrl)}</a>`]);
  if (otherUrl !== undefined)
    rows.push([
      "Beside it",
      `<span id="other" aria-live="polite">…</span> <a href="${escapeHtml(otherUrl)}">${escapeHtml(otherUrl)}</a>`,
    ]);
  return `<dl>${rows.map(([term, value]) => `<dt>${term}</dt><dd>${value}</dd>`).join("")}</dl>
<p><button type="button" id="health">Check Health</button></p><pre id="health-answer" aria-live="polite" hidden></pre>`;
}
