import type { Field } from "../../data/field.ts";
import { isFloatType } from "../../data/number-array.ts";
import type { ModelIdentity } from "../model-source.ts";
import type { ClassAnswers, ModelOutput } from "../predictor/predictor.ts";
import { columnNames, type Signature } from "../predictor/signature.ts";
import type { ModelCard } from "./card.ts";
import { escapeHtml, htmlPage, type PageReply } from "./html.ts";
import { SCRIPT } from "./script.ts";
import { STYLE } from "./style.ts";

export interface PageFacts {
  readonly model: ModelIdentity;
  readonly signature: Signature;
  readonly needsToken: boolean;
  readonly card: ModelCard | undefined;
  readonly otherUrl: string | undefined;
  readonly outputs: readonly ModelOutput[];
  readonly classAnswers: ClassAnswers | undefined;
  /** What the form begins with. */
  readonly example: readonly unknown[];
}

/** A form of more fields than this is no help; such rows are sent as JSON. */
const MAX_FIELDS = 60;

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

function form({ signature, classAnswers, needsToken, example }: PageFacts): string {
  const { inputs } = signature;
  const names = columnNames(signature) ?? inputs.map((_, index) => `feature ${index}`);
  const fields = inputs
    .map((field, index) => `<label>${escapeHtml(names[index])}${inputOf(field, index, example[index])}</label>`)
    .join("");
  const row = inputs.length === 1 && inputs[0]?.shape ? example[0] : example;
  const json = escapeHtml(JSON.stringify({ features: [row] }));
  const token = needsToken ? `<p><label>Token<input type="password" id="token" autocomplete="off"></label></p>` : "";
  const isForm = inputs.length <= MAX_FIELDS && inputs.every(({ shape }) => !shape);
  return `<form id="form">
${isForm ? `<div class="fields">${fields}</div>` : ""}
<p><label for="body">As JSON (rows of ${inputs.length} features)</label><textarea id="body" rows="3" spellcheck="false">${json}</textarea></p>
${token}<p><button type="button" id="random">Another example</button> <button id="predict">Send Predict</button></p>
</form>
<div id="answer" role="status" aria-label="Answer" data-role="${classAnswers ? "label" : "values"}" data-classes="${escapeHtml(JSON.stringify(classAnswers?.classes ?? []))}"></div>`;
}

/** A control for a field's type; the script reads its value by `data-type`. */
function inputOf({ type, nullable }: Field, index: number, value: unknown): string {
  const isNumber = type !== "string" && type !== "boolean" && type !== "datetime";
  const mark = `data-feature="${index}" data-type="${isNumber ? "number" : type}"${nullable ? " data-nullable" : type === "string" ? "" : " required"}`;
  const text = escapeHtml(value ?? "");
  if (type === "boolean")
    return `<input type="checkbox" ${mark.replace(" required", "")}${value === true ? " checked" : ""}>`;
  if (type === "string") return `<input type="text" ${mark} value="${text}">`;
  if (type === "datetime")
    return `<input type="datetime-local" step="1" ${mark} value="${escapeHtml(String(value ?? "").slice(0, 19))}">`;
  return `<input type="number" step="${isFloatType(type) ? "any" : 1}" ${mark} value="${text}">`;
}
