const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Escapes text for HTML, including quoted attributes: names of models, columns and groups are untrusted. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? "");

/** Escapes text for a cell of a Markdown table. */
export const escapeCell = (text: string): string =>
  escapeHtml(text)
    .replace(/[\\|`*_[\]]/g, "\\$&")
    .replaceAll("\n", " ");
