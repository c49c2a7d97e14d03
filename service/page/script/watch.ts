import { MIN_ROWS } from "../../watch/drift.ts";

/** Shows the service's state, refreshed every two seconds. */
export const WATCH = String.raw`
byId("state").hidden = false;
// Above this, a feature has drifted, as in /metrics. Bars end at twice the bound, so that the bound is in the middle.
const DRIFT_BOUND = 0.25;
const MIN_ROWS = ${MIN_ROWS};
// Updates a badge only on a change, because screen readers announce each update.
const setBadge = (badge, text, tone) => {
  if (badge.textContent !== text) badge.textContent = text;
  badge.className = "badge " + tone;
  badge.hidden = text === "";
};
let lastSeen;
const clock = (date) => date.toLocaleTimeString("en-GB");
// Returns the upper bound of the bucket that contains a quantile.
const within = ({ bounds, counts }, total, share) => {
  let seen = 0;
  const bucket = counts.findIndex((count) => (seen += count) >= share * total);
  return bucket < bounds.length ? "≤ " + seconds(bounds[bucket]) : "> " + seconds(bounds.at(-1));
};
const seconds = (value) => (value < 1 ? value * 1000 + " ms" : value + " s");
const tiles = (pairs) => pairs.map(([term, value]) => {
  const made = element("div");
  made.append(element("dt", term), element("dd", value));
  return made;
});
const drawTraffic = (requests, latency) => {
  const total = Object.values(requests).reduce((sum, count) => sum + count, 0);
  const failed = Object.entries(requests).reduce((sum, [key, count]) => sum + (/ 5\d\d$/.test(key) ? count : 0), 0);
  byId("traffic").replaceChildren(...tiles([
    ["Requests", total.toLocaleString("en")], ["Server errors", failed.toLocaleString("en")],
    ...(total === 0 ? [] : [["Median", within(latency, total, 0.5)], ["99th percentile", within(latency, total, 0.99)]]),
  ]));
  const { bounds, counts } = latency;
  const first = counts.findIndex((count) => count > 0);
  const last = counts.findLastIndex((count) => count > 0);
  const most = Math.max(1, ...counts);
  byId("latency").replaceChildren(total === 0 ? element("p", "No requests yet.", "note") : bars(counts.slice(first, last + 1).map((count, index) => {
    const bucket = first + index;
    return { label: bucket < bounds.length ? "≤ " + seconds(bounds[bucket]) : "longer", share: count / most, value: count.toLocaleString("en") };
  })));
};
const features = (count) => count + (count === 1 ? " feature" : " features");
const drawDrift = (drift) => {
  const known = Object.entries(drift?.psi ?? {}).filter(([, psi]) => psi !== null).sort(([, a], [, b]) => b - a);
  const drifting = known.filter(([, psi]) => psi > DRIFT_BOUND).length;
  setBadge(byId("drift-state"), known.length === 0 ? "" : drifting === 0 ? "No drift" : drifting + " of " + features(known.length) + " drifting", drifting > 0 ? "open" : "good");
  byId("drift-note").textContent = !drift ? "Not monitored: no reference is configured (DRIFT_REFERENCE)."
    : known.length === 0 ? "Not enough rows yet: " + drift.rows + " of " + MIN_ROWS + "."
    : "Population stability index of the last " + drift.rows.toLocaleString("en") + " rows against the reference, largest first.";
  if (!drift) return;
  const rows = known.map(([label, psi]) => ({
    label, share: psi / (2 * DRIFT_BOUND), value: psi.toFixed(3), ...(psi > DRIFT_BOUND && { kind: "drifting", note: "drifting" }),
  }));
  // Draws all drifting features, and others for comparison.
  const visible = Math.max(drifting, MOST);
  byId("drift").replaceChildren(
    ...(rows.length === 0 ? [] : [bars(rows.slice(0, visible), { bound: "bound " + DRIFT_BOUND })]),
    ...(rows.length > visible ? [details("The other " + features(rows.length - visible), rows.slice(visible))] : []),
    ...(drift.rows === 0 ? [] : shares(drift)),
  );
};
const shares = ({ missing, categories }) => [
  ...(Object.keys(missing).length === 0 ? [] : [details("Missing values", Object.entries(missing).map(([label, share]) => ({ label, share, value: percent(share) })))]),
  ...Object.entries(categories).map(([name, bins]) => details(name + ": requests / reference", bins.map(({ category, reference, window }) => ({
    label: category, share: window, value: percent(window) + " / " + percent(reference),
  })))),
];
// Keeps details open across redraws.
const opened = new Set();
const details = (name, rows) => {
  const made = element("details");
  made.open = opened.has(name);
  made.addEventListener("toggle", () => made.open ? opened.add(name) : opened.delete(name));
  made.append(element("summary", name), bars(rows));
  return made;
};
// An element in use is not redrawn, which would lose the focus.
const isInUse = (id) => byId(id).contains(document.activeElement);
async function watch() {
  try {
    const [ready, watched] = await Promise.all([fetch("ready"), fetch("watch").then((response) => response.json())]);
    lastSeen = new Date();
    setBadge(byId("state"), ready.ok ? "Ready" : "Not ready", ready.ok ? "good" : "bad");
    drawTraffic(watched.requests, watched.latency);
    if (!isInUse("drift")) drawDrift(watched.drift);
  } catch { setBadge(byId("state"), "Not responding" + (lastSeen ? " since " + clock(lastSeen) : ""), "bad"); }
  const other = byId("other");
  if (other) try {
    const answer = await (await fetch("other")).json();
    const text = answer.stage ? answer.stage + ", version " + answer.version : "Not responding";
    if (other.textContent !== text) other.textContent = text;
  } catch { other.textContent = "Unknown"; }
}
watch();
setInterval(watch, 2000);
const UNITS = [["day", 86400], ["hour", 3600], ["minute", 60]];
const ago = (date) => {
  const passed = (Date.now() - date) / 1000;
  const [unit, length] = UNITS.find(([, length]) => passed >= length) ?? [];
  return unit ? new Intl.RelativeTimeFormat("en").format(-Math.floor(passed / length), unit) : "just now";
};
const times = [...document.querySelectorAll("time")].map((time) => [time, time.textContent]);
const showAges = () => {
  for (const [time, text] of times) time.textContent = text + " (" + ago(new Date(time.dateTime)) + ")";
};
showAges();
setInterval(showAges, 60000);
`;
