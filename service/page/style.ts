/** Colours are the system's own and so follow light, dark and forced colours; --bar alone is ours, with contrast above 3:1 on both. */
export const STYLE = `
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; --bar: light-dark(#1f6feb, #58a6ff); --warn: light-dark(#b35900, #ffa657); }
body { max-width: 72rem; margin: 1.5rem auto; padding: 0 1rem; }
h1 small { font-weight: normal; }
h2 { margin: 0 0 0.5rem; font-size: 1.1rem; }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(20rem, 1fr)); gap: 1rem; }
section { min-width: 0; padding: 1rem; border: 1px solid GrayText; border-radius: 6px; }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 0.25rem 1rem; margin: 0; }
dt { color: GrayText; }
dd { margin: 0; overflow-wrap: anywhere; }
.fields { display: grid; grid-template-columns: repeat(auto-fill, minmax(7rem, 1fr)); gap: 0.5rem; }
label { display: block; }
input, textarea, pre { box-sizing: border-box; width: 100%; font: 0.875rem/1.4 ui-monospace, monospace; }
pre { padding: 0.5rem; border: 1px solid GrayText; white-space: pre-wrap; overflow-wrap: anywhere; }
button { font: inherit; padding: 0.4rem 0.8rem; }
.bars { display: grid; grid-template-columns: max-content minmax(0, 1fr) max-content; gap: 0.2rem 0.6rem; align-items: center; margin: 0.5rem 0; }
.bar { height: 0.9rem; background: var(--bar); border-radius: 2px; min-width: 1px; }
.bar.warn { background: var(--warn); }
.bars span { font-variant-numeric: tabular-nums; }
footer { margin: 1rem 0; display: flex; gap: 1rem; }
@media (forced-colors: active) { .bar { forced-color-adjust: none; background: CanvasText; } }`;
