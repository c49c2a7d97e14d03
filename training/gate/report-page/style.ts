import { TOKENS, themesOf } from "../../../service/page/tokens.ts";

/** Colours of marks that only the report has, with a contrast of at least 3. */
const MARKS = {
  light: { other: "#c2640c", low: "#64748b", high: "#8b3fa8" },
  dark: { other: "#f0a355", low: "#94a3b8", high: "#c98ee8" },
} as const;

/** The page's style sheet for light, dark and print. Wide tables scroll, and checks stack on a phone. */
export const STYLE = `
${themesOf({ ...TOKENS.light, ...MARKS.light }, { ...TOKENS.dark, ...MARKS.dark })}
* { box-sizing: border-box; }
body { margin: 0; color: var(--ink); background: var(--paper); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; }
main { margin: 0 auto; max-width: 76rem; padding: 2rem 1.25rem 4rem; }
h1, h2, h3, p, li, figcaption { overflow-wrap: anywhere; }
h3 { font-size: 1rem; margin: 1.5rem 0 .25rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0; }
h2 { font-size: 1.15rem; margin: 2.5rem 0 .75rem; }
.verdict { border-left: .4rem solid var(--tone); background: var(--panel); padding: 1rem 1.25rem; border-radius: .25rem; }
.verdict p { margin: .4rem 0 0; }
.verdict .reason { font-size: 1.15rem; font-weight: 600; line-height: 1.4; }
.verdict ul { margin: .4rem 0 0; padding-left: 1.2rem; }
.verdict .small { font-size: .85rem; color: var(--soft); }
.passed, .pass { --tone: var(--good); } .failed, .fail { --tone: var(--bad); } .inconclusive { --tone: var(--open); }
.tone { color: var(--tone); font-weight: 600; white-space: nowrap; }
.scroll { overflow-x: auto; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .4rem .75rem .4rem 0; border-bottom: 1px solid var(--line);
  min-width: 4.5rem; max-width: 24rem; overflow-wrap: break-word; }
th { font-weight: 600; } tbody th { font-weight: 400; }
td.number { font-variant-numeric: tabular-nums; white-space: nowrap; }
td small, figcaption, .facts dt { color: var(--soft); }
td small { display: block; }
.checks td:last-child { min-width: 20rem; max-width: none; overflow-wrap: anywhere; }
.checks td.tone, .checks td:nth-child(5) { white-space: normal; }
code { font: .9em ui-monospace, SFMono-Regular, Consolas, monospace; overflow-wrap: anywhere; }
.figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(21rem, 100%), 1fr)); gap: 2rem 1.5rem; align-items: start; }
figure { margin: 0; min-width: 0; break-inside: avoid; }
figure h3 { margin-top: 0; }
figure svg { max-width: 100%; height: auto; display: block; overflow: visible; }
figure.wide { grid-column: 1 / span 2; }
figcaption, details { font-size: .85rem; }
summary { cursor: pointer; color: var(--accent); width: fit-content; padding: .2rem 0; }
details .scroll { max-height: 20rem; overflow: auto; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.facts { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; margin: 0; }
.facts dd { margin: 0; min-width: 0; }
pre { background: var(--panel); padding: .75rem 1rem; overflow-x: auto; border-radius: .25rem; }
@media screen and (max-width: 40rem) {
  main { padding: 1rem 1rem 3rem; } h1 { font-size: 1.35rem; }
  tbody th { overflow-wrap: anywhere; } figure.wide { grid-column: auto; } figure.wide svg { max-width: none; }
  .checks thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .checks, .checks tbody, .checks tr, .checks td { display: block; }
  .checks tr { padding: .5rem 0; border-bottom: 1px solid var(--line); }
  .checks td { max-width: none; overflow-wrap: anywhere; border: 0; padding: 0; white-space: normal; display: grid; grid-template-columns: 5.5rem 1fr; gap: .5rem; }
  .checks td:last-child { min-width: 0; display: block; }
  .checks td::before { content: attr(data-label); color: var(--soft); font-weight: 400; }
  .checks td.none { display: none; }
  .checks td:last-child::before { content: none; }
}
@media print {
  body { font-size: 10pt; } main { max-width: none; padding: 0; }
  .verdict { border: 1px solid var(--line); border-left: .4rem solid var(--tone); }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; } tr { break-inside: avoid; } h2 { break-after: avoid; }
  .scroll { overflow: visible; } td.number, .tone { white-space: normal; } .checks { font-size: 8.5pt; } details { display: none; }
  .checks td:last-child { min-width: 0; width: 40%; } .figures { grid-template-columns: 1fr 1fr; } pre { white-space: pre-wrap; } }
`;
