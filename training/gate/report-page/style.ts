/** The page's only style sheet. Light, dark, print; wide tables scroll on their own. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #fff; --panel: #f5f6f8; --line: #d6dae0; --faint: #9aa3ae;
  --accent: #1f6fd0; --other: #d9822b; --good: #1a7f37; --bad: #c62828; --open: #9a6700; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ed; --paper: #14171b; --panel: #1d2127; --line: #39404a;
  --faint: #6d7682; --accent: #5aa2f5; --other: #f0a355; --good: #4fc46c; --bad: #ff7b72; --open: #e3b341; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 76rem; padding: 2rem 1.25rem 4rem; color: var(--ink); background: var(--paper);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0; }
h2 { font-size: 1.15rem; margin: 2.5rem 0 .75rem; }
.verdict { border-left: .4rem solid var(--tone); background: var(--panel); padding: 1rem 1.25rem; border-radius: .25rem; }
.verdict p { margin: .4rem 0 0; }
.verdict ul { margin: .4rem 0 0; padding-left: 1.2rem; }
.passed, .pass { --tone: var(--good); } .failed, .fail { --tone: var(--bad); } .inconclusive { --tone: var(--open); }
.tone { color: var(--tone); font-weight: 600; white-space: nowrap; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .4rem .75rem .4rem 0; border-bottom: 1px solid var(--line); }
th { font-weight: 600; }
td.number { font-variant-numeric: tabular-nums; white-space: nowrap; }
td small, figcaption, .facts dt { opacity: .75; }
td small { display: block; }
.checks td:last-child { min-width: 20rem; overflow-wrap: anywhere; }
.checks td.tone, .checks td:nth-child(5) { white-space: normal; }
code { font: .85em ui-monospace, SFMono-Regular, Consolas, monospace; overflow-wrap: anywhere; }
.figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(21rem, 1fr)); gap: 1.5rem; }
figure { margin: 0; break-inside: avoid; }
figure h3 { font-size: 1rem; margin: 0 0 .25rem; }
figure svg { max-width: 100%; height: auto; display: block; }
figcaption { font-size: .85rem; }
.facts { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; margin: 0; }
.facts dd { margin: 0; }
pre { background: var(--panel); padding: .75rem 1rem; overflow-x: auto; border-radius: .25rem; }
@media print { :root { color-scheme: light; --ink: #000; --paper: #fff; --panel: #fff; --line: #bbb; --faint: #888;
  --accent: #1f6fd0; --other: #d9822b; --good: #1a7f37; --bad: #c62828; --open: #7a5200; }
  body { max-width: none; padding: 0; font-size: 10pt; } .verdict { border: 1px solid var(--line); border-left: .4rem solid var(--tone); }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; } tr { break-inside: avoid; } h2 { break-after: avoid; }
  .scroll { overflow: visible; } td.number, .tone { white-space: normal; } .checks { font-size: 8.5pt; }
  .checks td:last-child { min-width: 0; width: 40%; } .figures { grid-template-columns: 1fr 1fr; } }
`;
