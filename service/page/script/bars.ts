/** Draws lists of bars. */
export const BARS = `
const LONG_NAME = 24;
// Draws rows of label, bar and value. Shares range from 0 to 1, or from -1 if any is negative. A bound is drawn in the middle.
const bars = (rows, { bound } = {}) => {
  const list = element("ul", undefined, "bars");
  list.setAttribute("role", "list");
  // Long names stand above their bars.
  if (rows.some(({ label }) => label.length > LONG_NAME)) list.classList.add("long");
  const isSigned = rows.some(({ share }) => share < 0);
  if (bound) {
    const line = element("li", undefined, "bounds");
    line.setAttribute("aria-hidden", "true");
    const track = element("div", undefined, "track");
    track.append(element("span", bound));
    line.append(element("span"), track, element("span"));
    list.append(line);
  }
  for (const { label, share, value, kind, strong, note } of rows) {
    const row = element("li");
    const track = element("div", undefined, "track");
    const bar = element("div", undefined, ["bar", kind, share > 1 ? "cut" : ""].filter(Boolean).join(" "));
    const width = Math.min(1, Math.abs(share)) * (isSigned ? 50 : 100);
    bar.style.width = width + "%";
    bar.hidden = share === 0;
    if (isSigned) bar.style.marginLeft = (share < 0 ? 50 - width : 50) + "%";
    track.append(bar);
    if (bound) track.append(element("div", undefined, "bound"));
    const amount = element("span", value, "value");
    if (note) amount.append(element("span", " " + note, "hidden"));
    row.append(named(strong ? "strong" : "span", label), track, amount);
    list.append(row);
  }
  return list;
};
const percent = (share) => (share * 100).toFixed(1) + " %";
`;
