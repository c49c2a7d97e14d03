/** What the scripts of both pages begin with. They write text by textContent only: no answer can become markup. */
export const COMMON = String.raw`
const byId = (id) => document.getElementById(id);
const element = (tag, text, className) => {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
};
// Pages that are not reached by TLS or on this machine have no clipboard of their own.
const toClipboard = async (text) => {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.body.appendChild(element("textarea", text, "hidden"));
  area.select();
  const isCopied = document.execCommand("copy");
  area.remove();
  if (!isCopied) throw new Error("not copied");
};
const copy = async (button, text) => {
  const words = button.dataset.words ??= button.textContent;
  try {
    await toClipboard(text);
    button.textContent = "Copied";
  } catch { button.textContent = "Not copied"; }
  button.focus();
  clearTimeout(button.timer);
  button.timer = setTimeout(() => { button.textContent = words; }, 2000);
};
for (const button of document.querySelectorAll("[data-copy]")) button.addEventListener("click", () => copy(button, button.dataset.copy));
// In one word that a POSIX shell takes for what it is.
const quoted = (text) => "'" + text.replaceAll("'", "'\\''") + "'";
const service = new URL(".", location.href).href;
`;
