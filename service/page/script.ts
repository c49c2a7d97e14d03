/** The page's script, as the browser gets it. It writes text by textContent only: no answer can become markup. */
export const SCRIPT = `
const byId = (id) => document.getElementById(id);
const element = (tag, text, className) => {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
};
// Rows of label, bar and value; shares from 0 to 1.
const bars = (rows) => {
  const list = element("div", undefined, "bars");
  for (const { label, share, value, warn } of rows) {
    const cell = element("div");
    const bar = element("div", undefined, warn ? "bar warn" : "bar");
    bar.style.width = Math.max(0, Math.min(1, share)) * 100 + "%";
    cell.append(bar);
    list.append(element("span", label), cell, element("span", value));
  }
  return list;
};
const fields = [...document.querySelectorAll("[data-feature]")];
const body = byId("body");
// A field's value by its type; an empty one that may be missing is null.
const valueOf = ({ value, checked, dataset }) => {
  if (dataset.type === "boolean") return checked;
  if (value === "" && dataset.nullable !== undefined) return null;
  if (dataset.type === "string") return value;
  if (dataset.type === "datetime") return value + "Z";
  // Whole numbers beyond 2^53 are exact as text alone.
  return Number.isInteger(Number(value)) && !Number.isSafeInteger(Number(value)) && /^-?\\d+$/.test(value) ? value : Number(value);
};
const fromFields = () => { body.value = JSON.stringify({ features: [fields.map(valueOf)] }); };
for (const field of fields) field.addEventListener("input", fromFields);
byId("random").addEventListener("click", () => {
  const random = () => Math.round((Math.random() * 4 - 2) * 100) / 100;
  for (const field of fields) {
    if (field.dataset.type === "boolean") field.checked = Math.random() < 0.5;
    else if (field.dataset.type === "number") field.value = field.step === "any" ? random() : Math.floor(Math.random() * 100);
  }
  if (fields.length) return fromFields();
  // Numbers at any depth.
  const other = (value) => Array.isArray(value) ? value.map(other) : typeof value === "number" ? random() : value;
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
const show = (answer, took) => {
  const parts = answer.predictions.map((prediction, row) => {
    const part = element("div");
    const what = byId("answer").dataset.role === "label" ? "class " : "";
    part.append(element("p", (answer.predictions.length > 1 ? "Row " + row + ": " : "") + what + [prediction].flat(Infinity).join(", ")));
    const chances = answer.probabilities?.[row];
    const className = (index) => String((answer.classes ?? JSON.parse(byId("answer").dataset.classes))[index] ?? index);
    if (chances) part.append(bars(chances.map((share, index) => ({ label: "class " + className(index), share, value: (share * 100).toFixed(1) + " %" }))));
    const scores = answer.scores?.[row];
    if (scores) part.append(element("p", "scores " + scores.join(", ")));
    return part;
  });
  byId("answer").replaceChildren(...parts.slice(0, 20), element("p", took.toFixed(1) + " ms in the browser"));
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
    byId("drift").replaceChildren(known.length === 0 ? "" : bars(known.map(([label, psi]) => ({ label, share: psi / 0.5, value: psi.toFixed(3), warn: psi > 0.25 }))));
  } catch (error) { tell("Does not answer: " + error, false); }
  const other = byId("other");
  if (other) try {
    const answer = await (await fetch("other")).json();
    other.textContent = answer.stage ? answer.stage + ", version " + answer.version : answer.detail;
  } catch (error) { other.textContent = String(error); }
}
watch();
setInterval(watch, 2000);`;
