import { TOKENS, themesOf } from "./tokens.ts";

/** Styles that `/` and `/docs` share: type, spacing and common components. */
export const BASE_STYLE = `
${themesOf(TOKENS.light, TOKENS.dark)}
* { box-sizing: border-box; }
:root { --env: var(--soft); scroll-padding-top: 1rem; }
[data-environment="staging"] { --env: var(--staging); }
[data-environment="production"] { --env: var(--production); }
body { margin: 0; color: var(--ink); background: var(--paper); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; }
.page { margin: 0 auto; max-width: 76rem; padding: 1.25rem 1.25rem 3rem; }
h1, h2, h3, p, li, dd, dt, label, summary { overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0; }
h1 small { font-size: 1.15rem; font-weight: 400; color: var(--soft); display: inline-block; max-width: 100%; }
h2 { font-size: 1.15rem; line-height: 1.3; margin: 0 0 .75rem; }
h3 { font-size: 1rem; margin: 1rem 0 .25rem; }
p { margin: .5rem 0; }
a { color: var(--accent); text-underline-offset: .15em; }
code, pre, textarea { font-family: ui-monospace, SFMono-Regular, Consolas, monospace; font-size: .85rem; }
pre { background: var(--panel); padding: .75rem 1rem; margin: .5rem 0; overflow-x: auto; border-radius: .25rem; line-height: 1.45; }
small, .note { font-size: .85rem; color: var(--soft); }
summary { cursor: pointer; color: var(--accent); width: fit-content; padding: .2rem 0; }
[hidden] { display: none !important; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
button { font: inherit; line-height: 1.25; padding: .5rem .9rem; color: var(--ink); background: var(--paper); border: 1px solid var(--faint); border-radius: .25rem; cursor: pointer; }
button:hover { background: var(--panel); border-color: var(--ink); }
button.primary { color: var(--paper); background: var(--accent); border-color: var(--accent); font-weight: 600; }
button.primary:hover { background: var(--ink); border-color: var(--ink); }
button.copy { font-size: .85rem; padding: .2rem .5rem; }
.top { border-left: .4rem solid var(--env); background: var(--panel); padding: 1rem 1.25rem; border-radius: .25rem; margin-bottom: 1rem; }
.title { display: flex; flex-wrap: wrap; justify-content: space-between; gap: .25rem 1.5rem; align-items: baseline; }
.title nav { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; }
.title nav a { padding: .2rem 0; min-width: 1.5rem; }
.title [aria-current] { color: var(--ink); font-weight: 600; text-decoration: none; }
.badges { list-style: none; display: flex; flex-wrap: wrap; gap: .5rem; margin: .75rem 0 0; padding: 0; }
.badge { display: inline-block; border: 1px solid var(--tone, var(--faint)); color: var(--tone, var(--soft)); background: var(--paper); border-radius: 1rem; padding: .1rem .7rem; font-size: .85rem; font-weight: 600; }
.badge.environment { background: var(--env); border-color: var(--env); color: var(--paper); }
.good { --tone: var(--good); } .bad { --tone: var(--bad); } .open { --tone: var(--open); }
.reason { margin: .75rem 0 0; font-weight: 600; } .top details { margin: .25rem 0 0; } .top li { overflow-wrap: anywhere; }
.times { margin: .75rem 0 0; display: flex; flex-wrap: wrap; gap: 0 1.25rem; }
@media (max-width: 40rem) {
  .page { padding: .75rem .75rem 2rem; } .top { padding: .75rem 1rem; } h1 { font-size: 1.35rem; }
}
@media print {
  .page { max-width: none; padding: 0; } body { font-size: 10pt; }
  nav, button { display: none !important; } .top { border: 1px solid var(--line); border-left: .4rem solid var(--env); }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
@media (forced-colors: active) { .bar, .bound, .dot { forced-color-adjust: none; background: CanvasText; } }`;

export const STYLE = `${BASE_STYLE}
.grid, .grid > div { display: grid; gap: 1rem; grid-template-columns: minmax(0, 1fr); align-items: start; }
@media (min-width: 60rem) { .grid { grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); } }
section { border: 1px solid var(--line); border-radius: .25rem; padding: 1rem 1.25rem; min-width: 0; break-inside: avoid; }
section > :last-child { margin-bottom: 0; }
.fields { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(8.5rem, 100%), 1fr)); align-items: end; gap: .75rem; }
.field { min-width: 0; } .field .problem { font-size: .85rem; margin: 0; }
.token { margin-top: .75rem; }
.more { margin-top: .75rem; } .more .fields { margin-top: .5rem; }
label { display: block; font-size: .85rem; color: var(--soft); }
label.check { display: flex; gap: .5rem; align-items: center; min-height: 2.25rem; color: var(--ink); font-size: inherit; }
label.check input { flex: none; width: 1.1rem; height: 1.1rem; min-height: 0; margin: 0; accent-color: var(--accent); }
.wide { grid-column: 1 / -1; }
.date { grid-column: span 2; }
input, select, textarea { width: 100%; margin-top: .15rem; padding: .4rem .5rem; color: var(--ink); background: var(--paper); border: 1px solid var(--faint); border-radius: .25rem; font-size: 15px; line-height: 1.4; min-height: 2.25rem; }
input, select { font-family: inherit; }
textarea { resize: vertical; display: block; }
[aria-invalid] { border-color: var(--bad); outline: 1px solid var(--bad); }
.actions { display: flex; flex-wrap: wrap; gap: .5rem; margin: 1rem 0 0; align-items: center; }
#answer:not(:empty) { margin: 1rem 0 0; padding: .75rem 1rem; background: var(--panel); border-radius: .25rem; }
#answer p { margin: .25rem 0; } #answer h3:first-child { margin-top: 0; }
#answer .problem, .problem { color: var(--bad); font-weight: 600; }
.figure { font-size: 1.6rem; line-height: 1.25; font-weight: 600; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
.figure small { font-size: 1rem; font-weight: 400; }
#request { margin-top: 1rem; }
.tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(8rem, 1fr)); gap: .5rem 1rem; margin: 0 0 1rem; align-items: end; }
.tiles dt { font-size: .85rem; color: var(--soft); }
.tiles dd { margin: 0; font-size: 1.35rem; line-height: 1.25; font-weight: 600; font-variant-numeric: tabular-nums; }
.facts { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .4rem 1rem; margin: 0; align-items: baseline; }
.facts dt { color: var(--soft); } .facts dd { margin: 0; }
.facts a { display: inline-flex; padding: .1rem 0; } .facts code { margin-right: .5rem; overflow-wrap: anywhere; } .on-paper { display: none; }
#health-answer { white-space: pre-wrap; overflow-wrap: anywhere; }
.bars { list-style: none; margin: .5rem 0; padding: 0; display: grid; grid-template-columns: fit-content(45%) minmax(3rem, 1fr) max-content; gap: .35rem .75rem; font-size: .85rem; }
.bars li { display: grid; grid-template-columns: subgrid; grid-column: 1 / -1; align-items: center; }
.bars.long { grid-template-columns: minmax(3rem, 1fr) max-content; } .bars.long li { row-gap: .15rem; margin-top: .25rem; }
.bars.long li > :first-child { grid-column: 1 / -1; } .bars.long .bounds > :first-child { display: none; }
.bars .value { font-variant-numeric: tabular-nums; text-align: right; }
.track { position: relative; height: .9rem; background: var(--panel); border-radius: .15rem; }
#answer .track { background: var(--paper); }
.bar { height: 100%; min-width: 2px; background: var(--accent); border-radius: .15rem; }
.bar.rest { background: var(--faint); } .bar.drifting { background: var(--open); }
.bar.cut { border-radius: .15rem 0 0 .15rem; clip-path: polygon(0 0, 100% 0, calc(100% - .4rem) 50%, 100% 100%, 0 100%); }
.bound { position: absolute; left: 50%; top: -.2rem; bottom: -.2rem; width: 2px; margin-left: -1px; background: var(--ink); box-shadow: 0 0 0 1px var(--paper); }
.bounds .track { background: none; height: auto; } .bounds .track span { position: relative; display: block; text-align: center; color: var(--soft); }
.dots { position: relative; height: 1.5rem; margin: .25rem .4rem 0; border-bottom: 1px solid var(--faint); }
.dot { position: absolute; bottom: -.3rem; width: .6rem; height: .6rem; margin-left: -.3rem; border-radius: 50%; background: var(--faint); }
.dot.now { background: var(--accent); width: .9rem; height: .9rem; margin-left: -.45rem; bottom: -.45rem; }
.ends { display: flex; justify-content: space-between; margin-top: .5rem; }
@media (max-width: 24rem) {
  .fields { grid-template-columns: repeat(2, minmax(0, 1fr)); } .facts { grid-template-columns: minmax(0, 1fr); gap: 0; } .facts dd { margin-bottom: .4rem; }
}
@media (max-width: 40rem) {
  section { padding: .75rem 1rem; }
  input, select, textarea { font-size: 16px; }
}
@media print { .grid { grid-template-columns: 3fr 2fr; } .on-screen { display: none; } .on-paper { display: inline; } main details:not([open]) { display: none; } .top ::details-content { content-visibility: visible; } }`;
