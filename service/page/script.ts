/** The page's script, as the browser gets it. It writes text by textContent only: no answer can become markup. */
export const SCRIPT = `
const byId = (id) => document.getElementById(id);
const element = (tag, text, className) => {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
};
// Rows of label, bar and value; shares from 0 to 1, or from -1 where some are below 0.
const bars = (rows) => {
  const list = element("div", undefined, "bars");
  const isSigned = rows.some(({ share }) => share < 0);
  for (const { label, share, value, warn, strong } of rows) {
    const cell = element("div");
    const bar = element("div", undefined, warn ? "bar warn" : "bar");
    const width = Math.min(1, Math.abs(share)) * (isSigned ? 50 : 100);
    bar.style.width = width + "%";
    if (isSigned) bar.style.marginLeft = (share < 0 ? 50 - width : 50) + "%";
    cell.append(bar);
    list.append(element(strong ? "strong" : "span", label), cell, element("span", value));
  }
  return list;
};
const fields = [...document.querySelectorAll("[data-feature]")];
const body = byId("body");
const kindOf = (field) => field.selectedOptions?.[0]?.dataset.kind;
// A tensor of one value.
const filled = (shape, value) => shape.reduceRight((item, size) => new Array(size).fill(item), value);
const tensorOf = (field) => {
  if (field.value.trim() !== "") return JSON.parse(field.value);
  return filled(field.dataset.shape.split(",").map(Number), { string: "", boolean: false, number: 0 }[field.dataset.of]);
};
// A field's value by its type; an empty one that may be missing is null.
const valueOf = (field) => {
  const { value, checked, dataset } = field;
  if (dataset.type === "tensor") return tensorOf(field);
  if (kindOf(field) === "missing") return null;
  if (kindOf(field) === "other") return byId(dataset.other).value;
  if (dataset.type === "boolean") return field.type === "checkbox" ? checked : value === "true";
  if (value === "" && dataset.nullable !== undefined) return null;
  if (dataset.type === "string") return value;
  if (dataset.type === "datetime") return value + "Z";
  // Whole numbers beyond 2^53 are exact as text alone.
  return Number.isInteger(Number(value)) && !Number.isSafeInteger(Number(value)) && /^-?\\d+$/.test(value) ? value : Number(value);
};
const fromFields = () => {
  const values = fields.map((field) => {
    try {
      const value = valueOf(field);
      field.removeAttribute("aria-invalid");
      return value;
    } catch { field.setAttribute("aria-invalid", "true"); }
  });
  // What is being typed is not sent.
  if (!fields.some((field) => field.getAttribute("aria-invalid"))) body.value = JSON.stringify({ features: ["tensor" in byId("form").dataset ? values[0] : values] });
};
for (const field of fields) {
  field.addEventListener("input", () => {
    const other = byId(field.dataset.other);
    if (other) other.closest("label").hidden = kindOf(field) !== "other";
    fromFields();
  });
  byId(field.dataset.other)?.addEventListener("input", fromFields);
}
if (fields.length) fromFields();
byId("random").addEventListener("click", () => {
  const random = () => Math.round((Math.random() * 4 - 2) * 100) / 100;
  // Numbers at any depth.
  const other = (value) => Array.isArray(value) ? value.map(other) : typeof value === "number" ? random() : value;
  for (const field of fields) {
    const choices = [...(field.options ?? [])].filter((option) => !option.dataset.kind);
    if (choices.length) {
      choices[Math.floor(Math.random() * choices.length)].selected = true;
      field.dispatchEvent(new Event("input"));
    } else if (field.dataset.type === "tensor") {
      try { field.value = JSON.stringify(other(tensorOf(field))); } catch { /* left as it is typed */ }
    } else if (field.dataset.type === "boolean") field.checked = Math.random() < 0.5;
    else if (field.dataset.type === "datetime") field.value = new Date(Date.now() - Math.random() * 1e11).toISOString().slice(0, 19);
    else if (field.dataset.type === "number") field.value = field.step === "any" ? random() : Math.floor(Math.random() * Math.min(100, Number(field.max) || 100));
  }
  if (fields.length) return fromFields();
  body.value = JSON.stringify({ features: other(JSON.parse(body.defaultValue).features) });
});
byId("health").addEventListener("click", async () => {
  const answer = byId("health-answer");
  answer.hidden = false;
  try {
    const response = await fetch("health");
    answer.textContent = response.status + "\\n" + JSON.stringify(await response.json(), null, 2);
  } catch (error) { answer.textContent = String(error); }
});
// The most of so many that are drawn.
const MOST = 10;
const more = (count) => count > MOST ? [element("p", "and " + (count - MOST) + " more", "note")] : [];
// Largest first, where they are more than a glance takes in.
const drawn = (values, label, chosen, isShare) => {
  const most = isShare ? 1 : Math.max(...values.map(Math.abs), Number.MIN_VALUE);
  const order = [...values.keys()];
  if (values.length > MOST) order.sort((a, b) => values[b] - values[a]);
  return [bars(order.slice(0, MOST).map((index) => ({
    label: label(index), share: values[index] / most, strong: label(index) === chosen,
    value: isShare ? (values[index] * 100).toFixed(1) + " %" : String(values[index]),
  }))), ...more(values.length)];
};
const isList = (value) => Array.isArray(value) && value.every((item) => typeof item === "number");
const sizes = (value) => Array.isArray(value) ? [value.length, ...sizes(value[0])] : [];
// An answer of numbers: one, a few with a bar each, or a tensor.
const numbers = (value) => {
  if (!Array.isArray(value)) return [element("p", String(value), "figure")];
  if (isList(value)) return [element("p", value.slice(0, MOST).join(", ") + (value.length > MOST ? ", …" : ""), "figure"), ...drawn(value, (index) => "value " + index)];
  return [element("p", sizes(value).join(" × ") + " values"), element("pre", JSON.stringify(value).slice(0, 2000))];
};
const show = (answer, took) => {
  const isLabel = byId("answer").dataset.role === "label";
  const names = answer.classes ?? JSON.parse(byId("answer").dataset.classes);
  const label = (index) => "class " + String(names[index] ?? index);
  const parts = answer.predictions.slice(0, 20).map((prediction, row) => {
    const part = element("div");
    if (answer.predictions.length > 1) part.append(element("h3", "Row " + row));
    const chosen = "class " + String(prediction);
    part.append(...(isLabel ? [element("p", chosen, "figure")] : numbers(prediction)));
    const chances = answer.probabilities?.[row];
    if (chances) part.append(...drawn(chances, label, chosen, true));
    const scores = answer.scores?.[row];
    // A score alone belongs to no class.
    if (scores?.length === 1) part.append(element("p", "score " + scores[0]));
    else if (scores) part.append(element("p", "Scores", "note"), ...drawn(scores, scores.length === names.length ? label : (index) => "score " + index, chosen));
    return part;
  });
  const left = answer.predictions.length - parts.length;
  byId("answer").replaceChildren(...parts, ...(left > 0 ? [element("p", "and " + left + " more rows", "note")] : []), element("p", took.toFixed(1) + " ms in the browser", "note"));
};
byId("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const headers = { "content-type": "application/json" };
  const token = byId("token")?.value;
  if (token) headers.authorization = "Bearer " + token;
  const start = performance.now();
  try {
    const response = await fetch("predict", { method: "POST", headers, body: body.value });
    const answer = await response.json();
    if (response.ok) show(answer, performance.now() - start);
    else byId("answer").replaceChildren(element("p", response.status + " " + answer.title + ": " + answer.detail));
  } catch (error) { byId("answer").replaceChildren(element("p", String(error))); }
  watch();
});
const tell = (text, isGood) => {
  const state = byId("state");
  // Only what is new: screen readers read it out.
  if (state.textContent !== text) state.textContent = text;
  state.dataset.state = isGood ? "good" : "bad";
};
// The upper bound of the bucket that the given share of the requests is reached in.
const within = ({ bounds, counts }, total, share) => {
  let seen = 0;
  const bucket = counts.findIndex((count) => (seen += count) >= share * total);
  return bucket < bounds.length ? "within " + seconds(bounds[bucket]) : "longer than " + seconds(bounds.at(-1));
};
const seconds = (value) => (value < 1 ? value * 1000 + " ms" : value + " s");
async function watch() {
  try {
    const [ready, watched] = await Promise.all([fetch("ready"), fetch("watch").then((response) => response.json())]);
    tell(ready.ok ? "Ready" : "Not ready", ready.ok);
    const { latency, requests, drift } = watched;
    const total = Object.values(requests).reduce((sum, count) => sum + count, 0);
    const failed = Object.entries(requests).reduce((sum, [key, count]) => sum + (/ 5\\d\\d$/.test(key) ? count : 0), 0);
    byId("traffic").textContent = total + " requests since the start, " + failed + " failed" +
      (total === 0 ? "" : "; half of them " + within(latency, total, 0.5) + ", 99 % " + within(latency, total, 0.99));
    const most = Math.max(1, ...latency.counts);
    byId("latency").replaceChildren(total === 0 ? "" : bars(latency.counts.flatMap((count, bucket) => count === 0 ? [] : [{
      label: bucket < latency.bounds.length ? "to " + seconds(latency.bounds[bucket]) : "longer",
      share: count / most, value: String(count),
    }])));
    const known = Object.entries(drift?.psi ?? {}).filter(([, psi]) => psi !== null);
    byId("drift-note").textContent = !drift ? "No reference is configured (DRIFT_REFERENCE)."
      : known.length === 0 ? drift.rows + " rows so far: too few to tell."
      : "Population stability index of the last " + drift.rows + " rows; above 0.25 a feature has shifted.";
    byId("drift").replaceChildren(...(drift ? drawDrift(drift, known) : []));
  } catch (error) { tell("Does not answer: " + error, false); }
  const other = byId("other");
  if (other) try {
    const answer = await (await fetch("other")).json();
    other.textContent = answer.stage ? answer.stage + ", version " + answer.version : answer.detail;
  } catch (error) { other.textContent = String(error); }
}
const percent = (share) => (share * 100).toFixed(1) + " %";
// Stays open when the numbers are drawn again.
const opened = new Set();
const details = (name, rows) => {
  const made = element("details");
  made.open = opened.has(name);
  made.addEventListener("toggle", () => made.open ? opened.add(name) : opened.delete(name));
  made.append(element("summary", name), bars(rows));
  return made;
};
const drawDrift = ({ rows, missing, categories }, known) => [
  ...(known.length === 0 ? [] : [bars(known.map(([label, psi]) => ({ label, share: psi / 0.5, value: psi.toFixed(3), warn: psi > 0.25 })))]),
  ...(rows === 0 || Object.keys(missing).length === 0 ? [] : [details("Missing values", Object.entries(missing).map(([label, share]) => ({ label, share, value: percent(share) })))]),
  ...(rows === 0 ? [] : Object.entries(categories).map(([name, bins]) => details(name + ": requests / reference", bins.map(({ category, reference, window }) => ({
    label: category, share: window, value: (window * 100).toFixed(1) + " / " + percent(reference),
  }))))),
];
watch();
setInterval(watch, 2000);`;
