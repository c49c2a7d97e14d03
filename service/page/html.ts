import { createHash } from "node:crypto";

export interface PageReply {
  readonly html: string;
  readonly headers: Record<string, string>;
}

export interface PageParts {
  readonly title: string;
  /** Data URL. */
  readonly icon: string;
  readonly style: string;
  readonly script?: string;
  readonly body: string;
}

const hash = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/** Renders a whole page. Its policy allows only its own script and style, and requests only to this service. */
export function htmlPage({ title, icon, style, script, body }: PageParts): PageReply {
  const policy = [
    "default-src 'none'",
    `script-src ${script === undefined ? "'none'" : hash(script)}`,
    `style-src ${hash(style)}`,
    "connect-src 'self'",
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
  const html = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${escapeHtml(title)}</title><link rel="icon" href="${icon}"><style>${style}</style></head>
<body>
${body}
${script === undefined ? "" : `<script>${script}</script>`}
</body>
</html>
`;
  return {
    html,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": policy,
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
    },
  };
}

/** Escapes a name and lets it wrap after its separators. */
export const breakable = (name: unknown): string => escapeHtml(name).replace(/[/_.]/g, "$&<wbr>");

/** Escapes text for an element or a quoted attribute. */
export const escapeHtml = (text: unknown): string =>
  String(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
