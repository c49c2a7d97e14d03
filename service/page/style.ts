/** Colours are the system's own and so follow light, dark and forced colours; ours are those of bars, with contrast above 4.5:1 on both. */
export const STYLE = `
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; --bar: light-dark(#0b5fd6, #58a6ff); --warn: light-dark(#a34d00, #ffa657); }
body { max-width: 72rem; margin: 1.5rem auto; padding: 0 1rem; }
h1 small { font-weight: normal; }
h2 { margin: 0 0 0.5rem; font-size: 1.1rem; }
.columns { columns: 3 20rem; column-gap: 1rem; }
section { break-inside: avoid; margin: 0 0 1rem; padding: 1rem; border: 1px solid GrayText; border-radius: 6px; }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 0.25rem 1rem; margin: 0; }
dt { color: color-mix(in srgb, CanvasText 70%, Canvas); }
dd { margin: 0; overflow-wrap: anywhere; }
.fields { display: grid; grid-template-columns: repeat(auto-fill, minmax(8rem, 1fr)); align-items: end; gap: 0.5rem; }
label { display: block; }
label.check { display: flex; gap: 0.4rem; align-items: center; align-self: end; }
label.check input { width: auto; margin: 0; }
label.wide { grid-column: 1 / -1; }
[hidden] { display: none; }
[aria-invalid] { outline: 2px solid var(--warn); }
.figure { font-size: 1.25rem; margin: 0.25rem 0; overflow-wrap: anywhere; }
.note { color: color-mix(in srgb, CanvasText 70%, Canvas); font-size: 0.875rem; margin: 0.25rem 0; }
h3 { font-size: 1rem; margin: 0.5rem 0 0; }
input, select, textarea, pre { box-sizing: border-box; width: 100%; font: 0.875rem/1.4 ui-monospace, monospace; }
select { padding: 0.15rem 0; }
pre { padding: 0.5rem; border: 1px solid GrayText; white-space: pre-wrap; overflow-wrap: anywhere; }
button { font: inherit; padding: 0.4rem 0.8rem; border: 1px solid GrayText; border-radius: 4px; }
#predict { border-color: var(--bar); background: var(--bar); color: Canvas; }
[data-verdict]::before { content: "✗ "; }
[data-verdict="passed"]::before { content: "✓ "; }
[data-verdict]:not([data-verdict="passed"]), [data-state="bad"] { color: var(--warn); }
.bars { display: grid; grid-template-columns: max-content minmax(0, 1fr) max-content; gap: 0.2rem 0.6rem; align-items: center; margin: 0.5rem 0; }
.bar { height: 0.9rem; background: var(--bar); border-radius: 2px; min-width: 1px; }
.bar.warn { background: var(--warn); }
.bars span, .bars strong { max-width: 12rem; overflow-wrap: anywhere; }
.bars span { font-variant-numeric: tabular-nums; }
footer { margin: 1rem 0; display: flex; gap: 1rem; }
@media (forced-colors: active) { .bar { forced-color-adjust: none; background: CanvasText; } }`;
