/** How the report looks: system fonts, light and dark, wide and narrow, on paper. */
export const STYLE = `
:root { color-scheme: light dark; --text: #1b1f24; --dim: #57606a; --ground: #fff; --raised: #f6f8fa; --line: #d0d7de;
  --link: #0550ae; --good: #116329; --bad: #a40e26; --warn: #7d4e00; --minus: #ffebe9; --plus: #dafbe1; --mark: #ddf4ff; }
@media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --dim: #9aa4af; --ground: #0d1117; --raised: #161b22;
  --line: #3d444d; --link: #79b8ff; --good: #56d364; --bad: #ff8e85; --warn: #e3b341; --minus: #4b1a1c; --plus: #14371f;
  --mark: #12314f; } }
* { box-sizing: border-box; }
body { margin: 0; color: var(--text); background: var(--ground); font: 15px/1.5 system-ui, sans-serif;
  overflow-wrap: anywhere; /* Paths have no place to break at. */ }
header, main, nav, footer { max-width: 76rem; margin: 0 auto; padding: 0 1.25rem; }
h1 { font-size: 1.5rem; margin: 1.5rem 0 .25rem; }
h2 { font-size: 1.2rem; margin: 2.5rem 0 .5rem; padding-bottom: .25rem; border-bottom: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 1.75rem 0 .25rem; }
h4 { font-size: .9rem; margin: 1rem 0 .25rem; color: var(--dim); font-weight: 600; }
a { color: var(--link); }
h3 code { font-size: 1rem; }
article { content-visibility: auto; contain-intrinsic-size: auto 40rem; }
code, pre, td.m, .code { font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: .8125rem; }
code, td.m { overflow-wrap: anywhere; }
/* Names and addresses break where nothing else helps; the table scrolls before. */
td.m, td:has(> code), td:has(> a > code), th:has(> code), th:has(> a > code) { min-width: 11rem; }
.dim { color: var(--dim); } .good { color: var(--good); } .bad { color: var(--bad); } .warn { color: var(--warn); }
.skip { position: absolute; left: -100rem; } .skip:focus { left: 1rem; top: 1rem; background: var(--ground); padding: .5rem; }
nav ul { list-style: none; display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; padding: .5rem 0; margin: 0; }
.verdicts { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; margin: .75rem 0; padding: 0; list-style: none; }
.tools { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center; margin: .75rem 0; }
.tools[hidden] { display: none; }
button, input[type=search] { font: inherit; color: inherit; background: var(--raised); border: 1px solid var(--line);
  border-radius: 4px; padding: .2rem .6rem; }
button { cursor: pointer; } button[aria-pressed=true] { background: var(--mark); }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; overflow-wrap: normal; }
caption { text-align: left; color: var(--dim); padding: .25rem 0; }
th { text-align: left; font-weight: 600; color: var(--dim); }
th, td { padding: .2rem .75rem .2rem 0; vertical-align: top; border-bottom: 1px solid var(--line); }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
pre { background: var(--raised); border: 1px solid var(--line); border-radius: 4px; padding: .5rem .75rem; overflow-x: auto;
  margin: .5rem 0; }
.hunk span { display: block; min-height: 1.2em; } .hunk .p { background: var(--plus); } .hunk .o { background: var(--minus); }
table.asm { width: auto; min-width: 100%; }
table.asm th, table.asm td { border: 0; padding: 0 .75rem 0 0; white-space: pre; }
table.asm td.t { white-space: pre-wrap; min-width: 18rem; }
table.asm td { font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: .8125rem; }
tr.o { background: var(--minus); } tr.p { background: var(--plus); }
.ref { display: block; color: var(--dim); } tr.o .ref, tr.p .ref { color: inherit; }
.js tr.e { display: none; } .js.all tr.e { display: table-row; }
tr.fold { display: none; } .js tr.fold { display: table-row; } .js.all tr.fold { display: none; }
tr.fold td { color: var(--dim); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: .5rem 0; }
dt { color: var(--dim); } dd { margin: 0; }
.graph { border: 1px solid var(--line); border-radius: 4px; background: var(--raised); overflow-x: auto; }
.graph svg { display: block; min-width: 44rem; width: 100%; height: auto; }
.graph text { fill: var(--text); font: 12px system-ui, sans-serif; } .graph .how { fill: var(--dim); font-size: 11px; }
.graph rect { fill: var(--ground); stroke: var(--line); } .graph g.here rect { fill: var(--mark); stroke: var(--link); }
.graph g[role=button] { cursor: pointer; } .graph g[role=button]:hover rect { stroke: var(--link); }
.graph g:focus-visible { outline: none; } .graph g:focus-visible rect { stroke: var(--link); stroke-width: 3; }
.graph path { fill: none; stroke: var(--dim); }
.map rect { fill: var(--mark); stroke: var(--line); } .map text { fill: var(--text); font: 12px system-ui, sans-serif; }
footer { color: var(--dim); padding-bottom: 2rem; margin-top: 3rem; }
@media (max-width: 40rem) { dl { grid-template-columns: 1fr; } dt { margin-top: .35rem; } th, td { padding-right: .5rem; }
  /* In a narrow window instructions matter more than their bytes. */
  table.asm:not(.bare) tr > :nth-child(4):not([colspan]) { display: none; } }
@media print { body { font-size: 10pt; } nav, .tools, .graph, .skip { display: none; } .js tr.e { display: table-row; }
  .js tr.fold { display: none; } .wide, pre { overflow: visible; } pre, table.asm td { white-space: pre-wrap; }
  article { content-visibility: visible; } h2, h3, h4 { break-after: avoid; } tr { break-inside: avoid; } }
`;
