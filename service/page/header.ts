import type { ModelIdentity } from "../model-source.ts";
import type { ModelCard } from "./card.ts";
import { environmentOf } from "./environment.ts";
import { escapeHtml } from "./html.ts";

export interface HeaderFacts {
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
 * What must be seen first on every page: which model and version, where, the gate's verdict.
 * @param badges further ones, such as of the service's state
 * @param below such as how old it is
 */
export function header(
  { model, card = {}, otherUrl }: HeaderFacts,
  current: (typeof PAGES)[number][0],
  badges: readonly string[] = [],
  below = "",
): string {
  const links = PAGES.map(
    ([href, words]) => `<a href="${href}"${href === current ? ' aria-current="page"' : ""}>${words}</a>`,
  );
  if (otherUrl !== undefined)
    links.push(`<a href="${escapeHtml(otherUrl)}">${otherName(model.stage)}<span aria-hidden="true"> ↗</span></a>`);
  const reason = isReasonFirst(card) ? `<p class="reason">${escapeHtml(card.summary)}</p>` : "";
  return `<header class="top">
<div class="title"><h1>${escapeHtml(model.name)} <small>version ${escapeHtml(model.version)}</small></h1>
<nav aria-label="Main">${links.join(" ")}</nav></div>
<ul class="badges">${[environmentBadge(model.stage), verdictBadge(card.verdict), ...badges].map((badge) => `<li>${badge}</li>`).join("")}</ul>${reason}${below}
</header>`;
}

/** Why a gate failed must be visible at once; why it passed comes with the rest. */
export const isReasonFirst = ({ verdict, summary }: ModelCard): boolean =>
  verdict !== undefined && verdict !== "passed" && summary !== undefined;

const environmentBadge = (stage: string): string =>
  `<span class="badge environment">${stage === "None" ? "No stage" : escapeHtml(stage)}</span>`;

/** Verdicts that have a tone and a mark; any other is open. */
const VERDICTS: Readonly<Record<string, readonly [tone: string, mark: string]>> = {
  passed: ["good", "✔"],
  failed: ["bad", "✘"],
};

function verdictBadge(verdict: string | undefined): string {
  if (verdict === undefined) return `<span class="badge">No gate verdict</span>`;
  const [tone, mark] = VERDICTS[verdict] ?? ["open", "?"];
  return `<span class="badge ${tone}"><span aria-hidden="true">${mark}</span> Gate ${escapeHtml(verdict)}</span>`;
}

/** What the other environment is called before it has been asked. */
function otherName(stage: string): string {
  const kind = environmentOf(stage);
  return kind === "other" ? "The other environment" : kind === "staging" ? "Production" : "Staging";
}
