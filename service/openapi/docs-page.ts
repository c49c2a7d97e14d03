import { escapeHtml, htmlPage, type PageReply } from "../page/html.ts";
import type { OpenApiDocument } from "./document.ts";

const STYLE = `
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { max-width: 52rem; margin: 2rem auto; padding: 0 1rem; }
h2 { margin-top: 2.5rem; font-size: 1.1rem; }
code, pre { font: 0.875rem/1.45 ui-monospace, monospace; }
pre { padding: 0.75rem; border: 1px solid GrayText; border-radius: 4px; overflow-x: auto; }
th, td { text-align: left; vertical-align: top; padding: 0.15rem 1rem 0.15rem 0; }`;

interface Operation {
  readonly summary: string;
  readonly requestBody?: {
    readonly content: Record<string, { readonly schema: Ref; readonly examples: Record<string, { value: unknown }> }>;
  };
  readonly responses: Record<
    string,
    { readonly description: string; readonly content: Record<string, { readonly schema: Ref }> }
  >;
}
interface Ref {
  readonly $ref?: string;
}

/** `/docs`: the OpenAPI document for people, without a script and without asking anybody else. */
export function docsPage({ info, paths, components }: OpenApiDocument): PageReply {
  const operations = Object.entries(paths ?? {}).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => section(method, path, operation as Operation)),
  );
  const schemas = Object.entries(components?.schemas ?? {}).map(
    ([name, schema]) => `<h2 id="${escapeHtml(name)}">${escapeHtml(name)}</h2>\n${code(schema)}`,
  );
  const body = `<main>
<h1>${escapeHtml(info.title)}</h1>
<p>${escapeHtml(info.description)} <a href="openapi.json">openapi.json</a>, <a href="./">try it</a></p>
${operations.join("\n")}
<h1>Schemas</h1>
${schemas.join("\n")}
</main>`;
  return htmlPage({ title: `${info.title}: API`, style: STYLE, body });
}

function section(method: string, path: string, { summary, requestBody, responses }: Operation): string {
  const request = Object.values(requestBody?.content ?? {})[0];
  const examples = Object.entries(request?.examples ?? {}).map(
    ([name, { value }]) => `<p>${escapeHtml(name)}</p>\n<pre tabindex="0">${escapeHtml(JSON.stringify(value))}</pre>`,
  );
  const rows = Object.entries(responses).map(([status, { description, content }]) => {
    const [[type = "", { schema }] = ["", { schema: {} }]] = Object.entries(content);
    return `<tr><th scope="row">${status}</th><td>${escapeHtml(description)}</td><td>${escapeHtml(type)} ${link(schema)}</td></tr>`;
  });
  return `<h2><code>${method.toUpperCase()} ${escapeHtml(path)}</code></h2>
<p>${escapeHtml(summary)}${request ? `. Body: ${link(request.schema)}` : ""}</p>
${examples.join("\n")}
<table><tbody>${rows.join("")}</tbody></table>`;
}

function link({ $ref }: Ref): string {
  const name = $ref?.split("/").at(-1);
  return name === undefined ? "" : `<a href="#${escapeHtml(name)}">${escapeHtml(name)}</a>`;
}

const code = (value: unknown) => `<pre tabindex="0">${escapeHtml(JSON.stringify(value, null, 2))}</pre>`;
