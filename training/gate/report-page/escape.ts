const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text as HTML, also inside quoted attributes: names of models, columns and groups come from outside. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? "");

/** Text as one cell of a Markdown table. */
export const escapeCell = (text: string): string =>
  escapeHtml(text)
    .replace(/[\\|`*_[\]]/g, "\\$&")
    .replaceAll("\n", " ");
