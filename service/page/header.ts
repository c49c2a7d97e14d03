import type { ModelIdentity } from "../model-source.ts";
import type { ModelCard } from "./card.ts";
import { environmentOf } from "./environment.ts";
import { breakable, escapeHtml } from "./html.ts";

export interface HeaderProps {
  readonly model: ModelIdentity;
  readonly card: ModelCard | undefined;
  readonly otherUrl: string | undefined;
}

const PAGES = [
  ["./", "Predict"],
  ["docs", "API"],
  ["metrics", "Metrics"],
] as const;

/**
 * Renders the header of every page: model and version, environment, the gate's verdict.
 * @param badges additional badges, such as the service's state
 * @param below content below the badges, such as the model's age
 */
export function header(
  { model, card = {}, otherUrl }: HeaderProps,
  current: (typeof PAGES)[number][0],
  badges: readonly string[] = [],
  below = "",
): string {
  const links = PAGES.map(
    ([href, title]) => `<a href="${href}"${href === current ? ' aria-current="page"' : ""}>${title}</a>`,
  );
  if (otherUrl !== undefined)
    links.push(`<a href="${escapeHtml(otherUrl)}">${otherName(model.stage)}<span aria-hidden="true"> ↗</span></a>`);
  return `<header class="top">
<div class="title"><h1>${breakable(model.name)} <small>version ${escapeHtml(model.version)}</small></h1>
<nav aria-label="Main">${links.join(" ")}</nav></div>
<ul class="badges">${[environmentBadge(model.stage), verdictBadge(card.verdict), ...badges].map((badge) => `<li>${badge}</li>`).join("")}</ul>${isReasonFirst(card) ? reasons(card.summary) : ""}${below}
</header>`;
}

/** Whether to show the gate's summary in the header: only if the gate did not pass. */
export const isReasonFirst = ({ verdict, summary }: ModelCard): boolean =>
  verdict !== undefined && verdict !== "passed" && summary !== undefined;

/** Renders the first reason, and the others folded. The gate separates them by semicolons. */
function reasons(summary = ""): string {
  const [first = "", ...others] = summary.split("; ");
  const more =
    others.length === 0
      ? ""
      : `<details><summary>${others.length} more ${others.length === 1 ? "reason" : "reasons"}</summary><ul>${others.map((one) => `<li>${escapeHtml(one)}</li>`).join("")}</ul></details>`;
  return `<p class="reason">${escapeHtml(first)}</p>${more}`;
}

const environmentBadge = (stage: string): string =>
  `<span class="badge environment">${stage === "None" ? "No stage" : escapeHtml(stage)}</span>`;

/** Tone and mark of known verdicts. Any other verdict is neutral. */
const VERDICTS: Readonly<Record<string, readonly [tone: string, mark: string]>> = {
  passed: ["good", "✔"],
  failed: ["bad", "✘"],
};

function verdictBadge(verdict: string | undefined): string {
  if (verdict === undefined) return `<span class="badge">No gate verdict</span>`;
  const [tone, mark] = VERDICTS[verdict] ?? ["open", "?"];
  return `<span class="badge ${tone}"><span aria-hidden="true">${mark}</span> Gate ${escapeHtml(verdict)}</span>`;
}

/** Returns the name of the other environment, for use before it has responded. */
export function otherName(stage: string): string {
  const kind = environmentOf(stage);
  return kind === "other" ? "The other environment" : kind === "staging" ? "Production" : "Staging";
}
