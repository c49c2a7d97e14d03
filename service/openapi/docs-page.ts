import { environmentOf, iconOf } from "../page/environment.ts";
import { type HeaderProps, header } from "../page/header.ts";
import { breakable, escapeHtml, htmlPage, type PageReply } from "../page/html.ts";
import { COMMON } from "../page/script/common.ts";
import { describeType, nameOf, propertiesOf, type Schema } from "./describe-type.ts";
import { DOCS_STYLE } from "./docs-style.ts";
import type { OpenApiDocument } from "./document.ts";

interface Operation {
  readonly summary: string;
  readonly security?: unknown;
  readonly requestBody?: {
    readonly content: Record<
      string,
      { readonly schema: Schema; readonly examples: Record<string, { value: unknown }> }
    >;
  };
  readonly responses: Record<
    string,
    { readonly description: string; readonly content: Record<string, { readonly schema: Schema }> }
  >;
}

interface Endpoint extends Operation {
  readonly method: string;
  readonly path: string;
  /** Other paths with the same operation. */
  readonly also: readonly string[];
  readonly id: string;
}

/** Copy buttons, and the page's own address in the examples. */
const SCRIPT = `${COMMON}
for (const node of document.querySelectorAll("[data-service]")) node.textContent = service.replace(/\\/$/, "");
for (const button of document.querySelectorAll("[data-copies]")) button.addEventListener("click", () => copy(button, byId(button.dataset.copies).textContent));
// On narrow screens, the contents precede the rest, so they start collapsed.
if (matchMedia("(max-width: 60rem)").matches) byId("contents").open = false;
// Opens a schema that a link points to.
const reveal = () => {
  const found = document.getElementById(decodeURIComponent(location.hash.slice(1)))?.querySelector("details");
  if (found) found.open = true;
};
addEventListener("hashchange", reveal);
reveal();`;

/** Renders `/docs`: the OpenAPI document as a page that loads nothing from other origins. */
export function docsPage({ paths, components }: OpenApiDocument, props: HeaderProps): PageReply {
  const { name, version, stage } = props.model;
  const groups = groupsOf(endpointsOf(paths));
  const schemas = Object.entries(components?.schemas ?? {}) as [string, Schema][];
  const kind = environmentOf(stage);
  const errors = errorsOf(groups.flatMap(([, endpoints]) => endpoints));
  const body = `<div class="page" data-environment="${kind}">
${header(props, "docs")}
<div class="docs">
${contents(
  groups,
  schemas.map(([schema]) => schema),
)}
<main>
${groups.map(([title, endpoints]) => `<h2>${title}</h2>\n${endpoints.map(article).join("\n")}`).join("\n")}
<h2 id="errors">Errors</h2>
<p>Every error is problem+json (RFC 9457), with the schema ${link("Problem")}.</p>
<table><tbody>${errors.map(([status, description]) => `<tr id="error-${status}"><th scope="row">${status}</th><td>${marked(description)}</td></tr>`).join("")}</tbody></table>
<h2 id="schemas">Schemas</h2>
<p>As one document: <a href="openapi.json">OpenAPI 3.1 (JSON)</a></p>
${schemas.map(schemaArticle).join("\n")}
</main>
</div>
</div>`;
  return htmlPage({ title: `${name} ${version}: API`, icon: iconOf(kind), style: DOCS_STYLE, script: SCRIPT, body });
}

/** Lists the operations. Paths with and without a model version share one. */
function endpointsOf(paths: OpenApiDocument["paths"]): Endpoint[] {
  const all = Object.entries(paths ?? {}).flatMap(([path, methods]) =>
    Object.entries(methods as Record<string, Operation>).map(([method, operation]) => ({ method, path, ...operation })),
  );
  const plain = (path: string) => path.replace(/^(\/v2\/models\/[^/]+)\/versions\/[^/]+/, "$1");
  return all
    .filter(({ path }) => plain(path) === path)
    .map((operation) => {
      const { method, path } = operation;
      const also = all.filter((other) => other.method === method && other.path !== path && plain(other.path) === path);
      const id = `${method}${path.replace(/[^\w-]+/g, "-")}`;
      return { ...operation, also: also.map((other) => other.path), id };
    });
}

const GROUPS = [
  ["Predict", ({ method, path }: Endpoint) => method === "post" && !path.startsWith("/v2")],
  ["Open Inference Protocol", ({ path }: Endpoint) => path.startsWith("/v2")],
  ["State", () => true],
] as const;

function groupsOf(endpoints: readonly Endpoint[]): [string, Endpoint[]][] {
  const group = (endpoint: Endpoint) => GROUPS.find(([, holds]) => holds(endpoint))?.[0];
  return GROUPS.map(([title]) => [title, endpoints.filter((endpoint) => group(endpoint) === title)]);
}

function contents(groups: readonly [string, Endpoint[]][], schemas: readonly string[]): string {
  const list = (title: string, links: readonly string[]) =>
    `<h2>${title}</h2><ul>${links.map((one) => `<li>${one}</li>`).join("")}</ul>`;
  const operations = groups.map(([title, endpoints]) =>
    list(
      title,
      endpoints.map(({ id, method, path }) => `<a href="#${id}">${methodBadge(method)} ${breakable(path)}</a>`),
    ),
  );
  const rest = list("Reference", [
    `<a href="#errors">Errors</a>`,
    ...schemas.map((name) => `<a href="#schema-${escapeHtml(name)}">${escapeHtml(name)}</a>`),
  ]);
  return `<nav class="contents" aria-label="Contents"><details id="contents" open><summary>Contents</summary>${operations.join("")}${rest}</details></nav>`;
}

const methodBadge = (method: string) => `<span class="method ${method}">${method.toUpperCase()}</span>`;

/** Renders backticks as code. */
const marked = (sentence: string) => escapeHtml(sentence).replace(/`([^`]+)`/g, "<code>$1</code>");

function article({ id, method, path, also, summary, requestBody, responses, security }: Endpoint): string {
  const request = Object.values(requestBody?.content ?? {})[0];
  const [first, ...others] = Object.entries(request?.examples ?? {});
  const token = security === undefined ? "" : ` -H "authorization: Bearer $API_TOKEN"`;
  const example = (name: string, value: unknown) =>
    code(
      `${id}-${name}`,
      `curl -s <span data-service></span>${escapeHtml(path)}${token} -H 'content-type: application/json' -d '${escapeHtml(JSON.stringify(value)).replaceAll("&#39;", "'\\''")}'`,
    );
  const answered = Object.entries(responses["200"]?.content ?? {})[0];
  const errors = Object.keys(responses).filter((status) => status !== "200");
  const lines = [
    ...(request ? [`Request: ${type(request.schema)}`] : []),
    ...(answered ? [`Response: ${answered[0] === "application/json" ? type(answered[1].schema) : answered[0]}`] : []),
    ...(errors.length > 0
      ? [`Errors: ${errors.map((status) => `<a href="#error-${status}">${status}</a>`).join(" ")}`]
      : []),
  ];
  const note = request ? `</p>\n<p class="note">${lines.join(" · ")}` : ` <small>${lines.join(" · ")}</small>`;
  return `<article id="${id}"><h3>${methodBadge(method)} <code>${breakable(path)}</code></h3>
<p>${escapeHtml(summary)}.${also.length > 0 ? ` Also with a version: ${also.map((one) => `<code>${breakable(one)}</code>`).join(", ")}.` : ""}${note}</p>
${first ? example(first[0], first[1].value) : ""}
${others.length === 0 ? "" : `<details><summary>Other request forms</summary>${others.map(([name, { value }]) => `<p class="note">${escapeHtml(name)}</p>${example(name, value)}`).join("")}</details>`}</article>`;
}

const code = (id: string, html: string) =>
  `<div class="example"><pre id="${id}" tabindex="0">${html}</pre><button type="button" class="copy" data-copies="${id}" aria-label="Copy ${id}">Copy</button></div>`;

const type = (schema: Schema) =>
  schema.$ref === undefined ? escapeHtml(describeType(schema)) : link(nameOf(schema.$ref));

const link = (name: string) => `<a href="#schema-${escapeHtml(name)}">${escapeHtml(name)}</a>`;

/** Returns each error status with its meaning, once. */
function errorsOf(endpoints: readonly Endpoint[]): [string, string][] {
  const all = endpoints.flatMap(({ responses }) => Object.entries(responses));
  const meanings = new Map(all.map(([status, { description }]) => [status, description]));
  meanings.delete("200");
  return [...meanings].sort(([a], [b]) => a.localeCompare(b));
}

function schemaArticle([name, schema]: [string, Schema]): string {
  const forms = propertiesOf(schema).map(
    (properties) =>
      `<table><tbody>${properties.map(({ name, type, isRequired }) => `<tr><th scope="row"><code>${escapeHtml(name)}</code>${isRequired ? "" : " <small>optional</small>"}</th><td>${escapeHtml(type)}</td></tr>`).join("")}</tbody></table>`,
  );
  const title = escapeHtml(name);
  return `<article class="schema" id="schema-${title}"><details><summary>${title}</summary><div class="inside">${forms.join(`<p class="note">or</p>`)}
<details><summary>JSON Schema<span class="hidden"> of ${title}</span></summary><pre tabindex="0">${escapeHtml(JSON.stringify(schema, null, 1))}</pre></details></div></details></article>`;
}
