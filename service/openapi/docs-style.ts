import { BASE_STYLE } from "../page/style.ts";

export const DOCS_STYLE = `${BASE_STYLE}
.docs { display: grid; grid-template-columns: 15rem minmax(0, 1fr); gap: 2rem; align-items: start; }
.contents { position: sticky; top: 1rem; max-height: calc(100vh - 2rem); overflow-y: auto; }
.contents summary { display: none; }
.contents h2 { font-size: .85rem; color: var(--soft); margin: 1rem 0 .25rem; }
.contents ul { list-style: none; margin: 0; padding: 0; }
.contents a { display: flex; gap: .5rem; align-items: baseline; padding: .2rem .5rem; min-height: 1.5rem; border-radius: .25rem; text-decoration: none; overflow-wrap: anywhere; }
.contents a:hover { background: var(--panel); text-decoration: underline; }
.contents .method { font-size: .75rem; flex: 0 0 2.2rem; }
main > h2 { margin: 2rem 0 .75rem; } main > h2:first-child { margin-top: 0; }
article { border: 1px solid var(--line); border-radius: .25rem; padding: .75rem 1rem; margin: 0 0 .75rem; break-inside: avoid; }
article h3 { margin: 0; font-size: 1rem; font-weight: 600; display: flex; flex-wrap: wrap; gap: .5rem; align-items: baseline; }
article h3 code { font-size: 15px; overflow-wrap: anywhere; }
article:target, tr:target { border-color: var(--accent); background: var(--panel); }
.method { font: 600 .85rem ui-monospace, SFMono-Regular, Consolas, monospace; color: var(--good); } .method.post { color: var(--accent); }
.example { position: relative; } .example .copy { position: absolute; top: .5rem; right: .5rem; } .example pre { padding-right: 5rem; white-space: pre-wrap; overflow-wrap: anywhere; }
article p { margin: .25rem 0 0; }
article details { margin: .5rem 0 0; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
th { font-weight: 600; } tbody th { font-weight: 400; white-space: nowrap; }
tbody tr:last-child > * { border-bottom: 0; }
.schema { padding: 0; }
.schema > details { margin: 0; } .schema > details > summary { padding: .6rem 1rem; width: auto; font-weight: 600; }
.schema .inside { padding: 0 1rem .75rem; }
.schema table { table-layout: fixed; } .schema tbody th { width: 14rem; white-space: normal; }
.schema pre { max-height: 24rem; overflow: auto; }
@media (max-width: 60rem) {
  .docs { grid-template-columns: minmax(0, 1fr); gap: 1rem; }
  .contents { position: static; max-height: none; border: 1px solid var(--line); border-radius: .25rem; padding: .5rem 1rem; }
  .contents summary { display: list-item; font-weight: 600; }
  .contents ul { columns: 2 16rem; } .contents li { break-inside: avoid; }
}
@media print { .docs { display: block; } .contents { display: none; } }`;
