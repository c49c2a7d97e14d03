/** Shared first part of both pages' scripts. They write text only by textContent, so a response cannot inject markup. */
export const COMMON = String.raw`
const byId = (id) => document.getElementById(id);
const element = (tag, text, className) => {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
};
// Shows a name that wraps after its separators.
const named = (tag, name) => {
  const made = element(tag);
  for (const part of name.split(/(?<=[/_.])/)) made.append(part, element("wbr"));
  return made;
};
// The clipboard API exists only on pages served over TLS or from this machine.
const toClipboard = async (text) => {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.body.appendChild(element("textarea", text, "hidden"));
  area.select();
  const isCopied = document.execCommand("copy");
  area.remove();
  if (!isCopied) throw new Error("not copied");
};
const announcements = document.body.appendChild(element("p", "", "hidden"));
announcements.setAttribute("role", "status");
const copy = async (button, text) => {
  const label = button.dataset.label ??= button.textContent;
  try {
    await toClipboard(text);
    button.textContent = "Copied";
  } catch { button.textContent = "Not copied"; }
  announcements.textContent = button.textContent;
  button.focus();
  clearTimeout(button.timer);
  button.timer = setTimeout(() => { button.textContent = label; announcements.textContent = ""; }, 2000);
};
for (const button of document.querySelectorAll("[data-copy]")) button.addEventListener("click", () => copy(button, button.dataset.copy));
// Quotes a word for a POSIX shell.
const quoted = (text) => "'" + text.replaceAll("'", "'\\''") + "'";
const service = new URL(".", location.href).href;
`;
