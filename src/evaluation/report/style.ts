/** The page's style sheet. Colours are named once, for light and for dark; series after Okabe and Ito, darkened or lightened for contrast. */
export const style = `
:root {
  --paper: #ffffff; --ink: #1b1f24; --muted: #57606a; --rule: #dfe3e8; --wash: #f5f7f9;
  --series-1: #0067a6; --series-2: #c44e00; --series-3: #00795a; --series-4: #a0468a; --series-5: #8a6a00; --series-6: #555c66;
  --ship: #00694e; --hold: #a33d00; --collect: #005a91; --information: #4a515b;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171b; --ink: #e8ebee; --muted: #a4adb7; --rule: #333a42; --wash: #1d2126;
    --series-1: #5cb6f2; --series-2: #ff9c57; --series-3: #41cf9f; --series-4: #e79ccd; --series-5: #e2c353; --series-6: #bfc6ce;
    --ship: #41cf9f; --hold: #ff9c57; --collect: #5cb6f2; --information: #bfc6ce;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0 auto; max-width: 54rem; padding: 2.5rem 1.25rem 3rem; background: var(--paper); color: var(--ink); font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; font-variant-numeric: tabular-nums; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0; letter-spacing: -0.01em; overflow-wrap: anywhere; }
h2 { font-size: 1.25rem; line-height: 1.3; margin: 2.75rem 0 0.75rem; }
h3 { font-size: 0.85rem; font-weight: 600; color: var(--muted); margin: 0; }
p, ul { margin: 0.75rem 0; max-width: 42rem; }
a { color: var(--series-1); }
.subtitle { margin: 0.4rem 0 0; color: var(--muted); font-size: 1.05rem; }
.verdict { display: flex; gap: 1rem; align-items: flex-start; margin: 1.75rem 0; padding: 1.1rem 1.25rem; background: var(--wash); border: 1px solid var(--rule); border-left: 0.4rem solid var(--tone); border-radius: 0.5rem; }
.verdict.ship { --tone: var(--ship); } .verdict.hold { --tone: var(--hold); } .verdict.collect-more { --tone: var(--collect); } .verdict.information { --tone: var(--information); }
.verdict .sign { flex: none; width: 2rem; height: 2rem; border-radius: 50%; background: var(--tone); color: var(--paper); font-weight: 700; font-size: 1.15rem; line-height: 2rem; text-align: center; }
.verdict strong { font-size: 1.25rem; line-height: 2rem; color: var(--tone); }
.verdict p { margin: 0.1rem 0 0; }
.headlines { display: grid; grid-template-columns: repeat(auto-fit, minmax(13rem, 1fr)); gap: 0.9rem; margin: 1.5rem 0; }
.headline { border: 1px solid var(--rule); border-radius: 0.5rem; padding: 0.9rem 1.1rem; }
.headline .value { font-size: 2rem; font-weight: 650; line-height: 1.15; margin: 0.35rem 0 0; letter-spacing: -0.01em; }
.headline .value.none { font-size: 1.35rem; }
.headline .interval { margin: 0.1rem 0 0; font-size: 1.05rem; }
.note { color: var(--muted); font-size: 0.82rem; line-height: 1.4; margin: 0.4rem 0 0; }
nav { border-top: 1px solid var(--rule); border-bottom: 1px solid var(--rule); padding: 0.5rem 0; margin: 1.5rem 0; font-size: 0.92rem; }
nav ol { margin: 0; padding: 0; list-style: none; display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; }
figure { margin: 1.25rem 0 1.75rem; }
.chart > svg { display: block; width: 100%; height: auto; overflow: visible; color: var(--ink); }
.chart > svg.narrow { display: none; }
.chart text { white-space: pre; }
figcaption { font-size: 0.9rem; color: var(--muted); max-width: 42rem; margin-top: 0.35rem; }
.legend { display: flex; flex-wrap: wrap; gap: 0.2rem 1.25rem; list-style: none; padding: 0; margin: 0 0 0.35rem; font-size: 0.9rem; max-width: none; }
.legend li { display: flex; align-items: center; gap: 0.45rem; }
details { margin-top: 0.4rem; font-size: 0.9rem; }
summary { cursor: pointer; color: var(--muted); width: fit-content; }
.table { overflow-x: auto; margin: 1rem 0 1.5rem; }
table { border-collapse: collapse; font-size: 0.92rem; min-width: min(100%, 22rem); }
caption { text-align: left; color: var(--muted); font-size: 0.9rem; padding-bottom: 0.45rem; }
details caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
th, td { text-align: left; vertical-align: top; padding: 0.4rem 1.1rem 0.4rem 0; border-bottom: 1px solid var(--rule); }
thead th { font-weight: 600; color: var(--muted); font-size: 0.85rem; border-bottom: 1px solid var(--muted); vertical-align: bottom; }
tbody th { font-weight: 500; min-width: 6.5rem; }
th.number, td.number { text-align: right; white-space: nowrap; }
td .interval { color: var(--muted); font-size: 0.88em; padding-left: 0.35em; }
.none { color: var(--muted); font-style: italic; }
.drawings { display: grid; grid-template-columns: repeat(auto-fill, minmax(12rem, 1fr)); gap: 1rem; }
.drawing { margin: 0; }
.drawing svg { display: block; width: 100%; height: auto; border: 1px solid var(--rule); border-radius: 0.35rem; background: #ffffff; }
footer { margin-top: 3.5rem; border-top: 1px solid var(--rule); font-size: 0.88rem; }
footer h2 { font-size: 1rem; margin: 1.25rem 0 0.5rem; }
dl { margin: 0; } dl > div { display: grid; grid-template-columns: 7.5rem 1fr; gap: 0.5rem; padding: 0.2rem 0; }
dt { color: var(--muted); } dd { margin: 0; overflow-wrap: anywhere; }
code { font: 0.92em ui-monospace, "Cascadia Mono", Menlo, Consolas, monospace; }
.pair { display: block; }
:focus-visible { outline: 2px solid var(--series-1); outline-offset: 2px; }
@media (max-width: 34rem) {
  body { padding: 1.5rem 1rem 2rem; } h1 { font-size: 1.5rem; }
  .headlines { grid-template-columns: 1fr; }
  .chart > svg.wide { display: none; } .chart > svg.narrow { display: block; }
  th, td { padding-right: 0.7rem; } td:last-child:not(.number) { min-width: 12rem; } td .interval { display: block; padding-left: 0; }
  dl > div { grid-template-columns: 1fr; gap: 0; padding: 0.35rem 0; }
}
@media print {
  :root { --paper: #fff; --ink: #000; --muted: #444; --rule: #bbb; --wash: #fff; --series-1: #0067a6; --series-2: #c44e00; --series-3: #00795a; --series-4: #a0468a; --series-5: #8a6a00; --series-6: #555c66; --ship: #00694e; --hold: #a33d00; --collect: #005a91; --information: #4a515b; }
  html { font-size: 13px; } body { max-width: none; padding: 0; }
  .table { overflow: visible; } .chart > svg.wide { display: block; } .chart > svg.narrow { display: none; }
  figure, .verdict, .headline, .table, dl > div { break-inside: avoid; } h2 { break-after: avoid; }
  nav, details:not([open]) { display: none; }
  .verdict .sign { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;
