import { createHash } from "node:crypto";
import type { ModelSignature } from "./predictor/signature.ts";

const STYLE = `
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { max-width: 42rem; margin: 2rem auto; padding: 0 1rem; }
textarea, pre { box-sizing: border-box; width: 100%; font: 0.875rem/1.4 monospace; }
pre { min-height: 6rem; padding: 0.75rem; border: 1px solid GrayText; white-space: pre-wrap; overflow-wrap: anywhere; }
button { font: inherit; padding: 0.4rem 0.8rem; }`;

const SCRIPT = `
const answer = document.getElementById("answer");
async function ask(path, options) {
  answer.textContent = "…";
  try {
    const response = await fetch(path, options);
    answer.textContent = response.status + "\\n" + JSON.stringify(await response.json(), null, 2);
  } catch (error) {
    answer.textContent = String(error);
  }
}
document.getElementById("health").onclick = () => ask("health");
document.getElementById("predict").onclick = () => ask("predict", {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: document.getElementById("body").value,
});`;

const hash = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/** Nothing but this page's own script and style runs, and it talks to nobody but this service. */
const POLICY = [
  "default-src 'none'",
  `script-src ${hash(SCRIPT)}`,
  `style-src ${hash(STYLE)}`,
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** The page at `/`: asks for health, sends rows, shows the answer. */
export function page({ features }: ModelSignature): { html: string; headers: Record<string, string> } {
  const example = JSON.stringify({ features: [new Array(features).fill(0)] });
  const html = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Inference service</title><style>${STYLE}</style></head>
<body>
<h1>Inference service</h1>
<p><label for="body">Rows of ${features} features</label><textarea id="body" rows="4">${example}</textarea></p>
<p><button id="health">Check Health</button> <button id="predict">Send Predict</button></p>
<pre id="answer" role="status" aria-label="Answer"></pre>
<script>${SCRIPT}</script>
</body>
</html>
`;
  return {
    html,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": POLICY,
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
    },
  };
}
