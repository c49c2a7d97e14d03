/** Sends the request and draws the response. */
export const ANSWER = String.raw`
// Maximum number of values to draw.
const MOST = 10;
// If there are more values than are drawn, sorts them, largest first.
const drawn = (values, label, chosen, isShare) => {
  const most = isShare ? 1 : Math.max(...values.map(Math.abs), Number.MIN_VALUE);
  const order = [...values.keys()];
  if (values.length > MOST) order.sort((a, b) => values[b] - values[a]);
  const rows = order.map((index) => ({
    label: label(index), share: values[index] / most, strong: index === chosen, kind: chosen === -1 || index === chosen ? "" : "rest",
    value: isShare ? percent(values[index]) : short(values[index]),
  }));
  if (rows.length <= MOST) return [bars(rows)];
  return [bars(rows.slice(0, MOST)), details("The other " + (rows.length - MOST), rows.slice(MOST))];
};
// Large numbers keep the digits before the decimal point, in groups.
const short = (value) => {
  const size = Math.abs(value);
  if (size >= 1e5 && size < 1e15) return Math.round(value).toLocaleString("en");
  return String(Number.isInteger(value) ? value : Number(value.toPrecision(6)));
};
const isList = (value) => Array.isArray(value) && value.every((item) => typeof item === "number");
const sizes = (value) => Array.isArray(value) ? [value.length, ...sizes(value[0])] : [];
const figure = (text, before) => {
  const made = element("p", undefined, "figure");
  if (before) made.append(element("small", before + " "));
  made.append(text);
  return made;
};
// Draws an answer of numbers: a single one, a list with bars, or a tensor.
const numbers = (value) => {
  if (!Array.isArray(value)) return [figure(typeof value === "number" ? short(value) : String(value))];
  if (isList(value)) return [figure(value.slice(0, MOST).map(short).join(", ") + (value.length > MOST ? ", …" : "")), ...drawn(value, (index) => "value " + index, -1)];
  return [element("p", sizes(value).join(" × ") + " values"), element("pre", JSON.stringify(value).slice(0, 2000))];
};
// Plots all answers since the page was opened, because a single number means little on its own.
const answered = [];
const line = (value) => {
  answered.push(value);
  const [low, high] = [Math.min(...answered), Math.max(...answered)];
  if (low === high) return [];
  const dots = element("div", undefined, "dots");
  dots.setAttribute("role", "img");
  dots.setAttribute("aria-label", short(value) + " among " + answered.length + " answers from " + short(low) + " to " + short(high));
  answered.slice(-100).forEach((one, index, all) => {
    const dot = element("span", undefined, index === all.length - 1 ? "dot now" : "dot");
    dot.style.left = (one - low) / (high - low) * 100 + "%";
    dots.append(dot);
  });
  const ends = element("div", undefined, "ends note");
  ends.append(element("span", short(low)), element("span", "answers on this page"), element("span", short(high)));
  return [dots, ends];
};
// Classes that are numbers or booleans need the word "class" to be recognizable.
const isNamed = (name) => typeof name === "string";
const show = (answer, elapsedMs) => {
  const isLabel = byId("answer").dataset.role === "label";
  const names = answer.classes ?? JSON.parse(byId("answer").dataset.classes);
  const label = (index) => isNamed(names[index]) ? names[index] : "class " + String(names[index] ?? index);
  const isSingle = answer.predictions.length === 1;
  const parts = answer.predictions.slice(0, 20).map((prediction, row) => {
    const part = element("div");
    if (!isSingle) part.append(element("h3", "Row " + row));
    part.append(...(isLabel ? [figure(String(prediction), "class")] : numbers(prediction)));
    if (isSingle && !isLabel && typeof prediction === "number") part.append(...line(prediction));
    const list = answer.probabilities?.[row] ?? answer.scores?.[row] ?? [];
    const chosen = list.findIndex((_, index) => String(names[index] ?? index) === String(prediction));
    const chances = answer.probabilities?.[row];
    if (chances) part.append(...drawn(chances, label, chosen, true));
    const scores = answer.scores?.[row];
    // A single score belongs to no class.
    if (scores?.length === 1) part.append(element("p", "score " + short(scores[0])));
    else if (scores) part.append(element("p", "Scores", "note"), ...drawn(scores, scores.length === names.length ? label : (index) => "score " + index, chosen));
    return part;
  });
  const left = answer.predictions.length - parts.length;
  byId("answer").replaceChildren(...parts, ...(left > 0 ? [element("p", "and " + left + " more rows", "note")] : []), element("p", elapsedMs.toFixed(1) + " ms in the browser", "note"));
};
const showError = (text) => byId("answer").replaceChildren(element("p", text, "problem"));
byId("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  if (!isEdited && !isComplete()) return;
  const headers = { "content-type": "application/json" };
  const token = byId("token");
  if (token) setProblem(token);
  if (token?.value) headers.authorization = "Bearer " + token.value;
  const start = performance.now();
  byId("answer").setAttribute("aria-busy", "true");
  try {
    const response = await fetch("predict", { method: "POST", headers, body: body.value });
    const answer = await response.json();
    if (response.ok) show(answer, performance.now() - start);
    else {
      showError(response.status + " " + answer.title + ": " + answer.detail);
      if (token && response.status === 401) setProblem(token, answer.detail);
      // The request may have been edited, and no longer match the form.
      const [, index] = /^\/(?:features|instances)\/0\/(\d+)/.exec(answer.pointer ?? "") ?? [];
      if (fields[index]) setProblem(fields[index], answer.detail.replace(/^\/\S+ (\([^)]*\) )?/, ""));
    }
  } catch (error) { showError(String(error)); }
  byId("answer").removeAttribute("aria-busy");
  watch();
});
byId("health").addEventListener("click", async () => {
  const answer = byId("health-answer");
  answer.hidden = false;
  try {
    const response = await fetch("health");
    answer.textContent = response.status + "\n" + JSON.stringify(await response.json(), null, 2);
  } catch (error) { answer.textContent = String(error); }
});
`;
