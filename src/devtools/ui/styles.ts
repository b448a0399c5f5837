/**
 * The monitor's own rules. They live in its shadow root: nothing of the page reaches in, nothing of them out. A text,
 * and not a stylesheet of the build: no loader is asked of those who import the monitor.
 */

const BASE = `
:host { all: initial; }
:host([data-uplink-monitor='embedded']) { display: block; height: 100%; min-height: 20rem; }
.monitor {
  --bg: light-dark(#ffffff, #10131a); --raised: light-dark(#f6f7f9, #171b24); --sunken: light-dark(#eef0f4, #0b0e13);
  --line: light-dark(#e1e5eb, #272d39); --ink: light-dark(#171b24, #e8ebf1); --soft: light-dark(#5a6373, #9aa5b8);
  --accent: light-dark(#2456d6, #85adff); --on-accent: light-dark(#ffffff, #0c1424);
  --good: light-dark(#12713a, #4ade80); --busy: light-dark(#8a5a00, #fbc02d); --late: light-dark(#1d5fc4, #7db4ff); --bad: light-dark(#c01c28, #ff8a8a); --idle: light-dark(#5a6373, #9aa5b8);
  --in: light-dark(#0d7d74, #45d6c4); --out: light-dark(#8a3fc4, #d19bff);
  --mono: ui-monospace, 'SF Mono', 'Cascadia Code', Menlo, Consolas, 'Liberation Mono', monospace;
  color-scheme: light; height: 100%; color: var(--ink); font: 12px/1.45 system-ui, -apple-system, 'Segoe UI', sans-serif; font-variant-numeric: tabular-nums; text-align: start; -webkit-font-smoothing: antialiased;
}
.monitor[data-theme='dark'] { color-scheme: dark; }
*, *::before, *::after { box-sizing: border-box; }
h2, h3, p, dl, dd, figure { margin: 0; }
h2 { min-width: 0; overflow: hidden; font-size: 13px; font-weight: 650; white-space: nowrap; text-overflow: ellipsis; }
h3 { font-size: 12px; font-weight: 650; }
button, input, select { font: inherit; color: inherit; }
button { cursor: pointer; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
[data-tone='good'], [data-state='connected'] { --tone: var(--good); }
[data-tone='busy'], [data-state='connecting'], [data-state='reconnecting'], [data-state='disconnecting'] { --tone: var(--busy); }
[data-tone='late'] { --tone: var(--late); }
[data-tone='bad'], [data-state='error'] { --tone: var(--bad); }
[data-tone='idle'], [data-state='disconnected'] { --tone: var(--idle); }
[data-tone='in'] { --tone: var(--in); }
[data-tone='out'] { --tone: var(--out); }
.soft { color: var(--soft); }
.number { white-space: nowrap; }
.spacer { flex: 1; }
.tone { color: var(--tone); font-weight: 600; }
.mark { flex: none; width: 14px; height: 14px; color: var(--tone); }
.mark .solid { fill: currentColor; }
.mark .open { fill: none; stroke: currentColor; stroke-width: 1.8; }
.chip, .badge { display: inline-block; padding: 0 6px; border-radius: 99px; background: color-mix(in oklab, var(--tone) 13%, var(--bg)); color: var(--tone); font-size: 11px; line-height: 18px; font-weight: 600; white-space: nowrap; }
.chip + .chip { margin-inline-start: 4px; }
.empty { padding: 32px 20px; color: var(--soft); text-align: center; text-wrap: balance; }
`

const BUTTONS = `
.icon { display: inline-grid; place-items: center; flex: none; width: 28px; height: 28px; padding: 0; border: 0; border-radius: 7px; background: none; color: var(--soft); }
.icon:hover { background: var(--sunken); color: var(--ink); }
.icon[aria-pressed='true'] { background: color-mix(in oklab, var(--accent) 16%, var(--bg)); color: var(--accent); }
.plain { min-height: 28px; padding: 0 12px; border: 1px solid var(--line); border-radius: 7px; background: var(--bg); font-weight: 550; white-space: nowrap; }
.plain:hover { border-color: var(--soft); }
.plain.strong { border-color: transparent; background: var(--accent); color: var(--on-accent); }
select, input[type='number'], .search { height: 28px; border: 1px solid var(--line); border-radius: 7px; background: var(--bg); padding: 0 8px; }
select { max-width: 11rem; padding-inline: 6px 4px; text-overflow: ellipsis; }
select[data-set='true'] { border-color: var(--accent); color: var(--accent); }
.check { display: inline-flex; align-items: center; gap: 5px; min-height: 28px; color: var(--soft); white-space: nowrap; cursor: pointer; }
input[type='checkbox'], input[type='range'] { accent-color: var(--accent); margin: 0; }
`

const FLOATING = `
.launcher { position: fixed; z-index: 2147483000; display: inline-flex; align-items: center; gap: 7px; min-height: 34px; padding: 0 13px 0 11px; border: 1px solid var(--line); border-radius: 99px; background: var(--bg); color: var(--ink); font-weight: 600; box-shadow: 0 1px 2px #0002, 0 8px 24px -6px #0000003d; }
.launcher:hover { border-color: var(--tone); }
.launcher .soft { font-weight: 450; }
[data-position^='bottom'] { bottom: 12px; }
[data-position^='top'] { top: 12px; }
[data-position$='right'] { right: 12px; }
[data-position$='left'] { left: 12px; }
.floating { position: fixed; z-index: 2147483000; display: flex; max-width: calc(100vw - 24px); max-height: calc(100vh - 24px); max-height: calc(100dvh - 24px); }
.floating .panel { flex: 1; min-width: 0; border: 1px solid var(--line); border-radius: 12px; box-shadow: 0 1px 2px #0002, 0 24px 64px -12px #00000059; }
.handle { position: absolute; z-index: 1; border-radius: 4px; touch-action: none; }
.handle:hover, .handle:focus-visible { background: var(--accent); outline: none; }
.handle[data-axis='height'] { inset-inline: 16px; height: 6px; cursor: ns-resize; }
.handle[data-axis='width'] { inset-block: 16px; width: 6px; cursor: ew-resize; }
[data-position^='bottom'] > .handle[data-axis='height'] { top: -3px; }
[data-position^='top'] > .handle[data-axis='height'] { bottom: -3px; }
[data-position$='right'] > .handle[data-axis='width'] { left: -3px; }
[data-position$='left'] > .handle[data-axis='width'] { right: -3px; }
`

const PANEL = `
.panel { display: flex; flex-direction: column; height: 100%; min-height: 0; overflow: hidden; background: var(--bg); container: panel / inline-size; }
.head { display: flex; align-items: center; gap: 8px; padding: 7px 8px 3px 14px; }
.figures { display: flex; gap: 12px; margin-inline-start: 8px; color: var(--soft); white-space: nowrap; }
.tabs { display: flex; flex: none; gap: 2px; padding: 0 8px; border-bottom: 1px solid var(--line); overflow-x: auto; scrollbar-width: none; }
.tabs [role='tab'] { position: relative; display: inline-flex; align-items: center; gap: 5px; min-height: 32px; padding: 0 9px; border: 0; background: none; color: var(--soft); font-weight: 550; white-space: nowrap; }
.tabs [role='tab']:hover { color: var(--ink); }
.tabs [aria-selected='true'] { color: var(--ink); }
.tabs [aria-selected='true']::after { position: absolute; inset: auto 7px 0; height: 2px; border-radius: 2px; background: var(--accent); content: ''; }
.tabs [role='tab']:focus-visible { outline-offset: -3px; border-radius: 8px; }
.tab { flex: 1; min-height: 0; overflow: auto; display: flex; flex-direction: column; scrollbar-width: thin; scrollbar-color: var(--line) transparent; }
.tab:focus-visible { outline-offset: -3px; }
.scroll { flex: 1; min-height: 0; overflow: auto; scrollbar-width: thin; scrollbar-color: var(--line) transparent; }
.scroll:focus-visible { outline-offset: -2px; }
`

const TABLES = `
table { width: 100%; border-collapse: collapse; }
th, td { height: 30px; padding: 3px 12px; text-align: start; border-bottom: 1px solid color-mix(in oklab, var(--line) 60%, transparent); }
thead th { position: sticky; top: 0; z-index: 1; background: var(--bg); color: var(--soft); font-weight: 550; white-space: nowrap; border: 0; box-shadow: inset 0 -1px var(--line); }
thead button { padding: 0; border: 0; background: none; color: inherit; font-weight: inherit; min-height: 24px; }
thead button:hover { color: var(--ink); }
thead [aria-sort='ascending'] button, thead [aria-sort='descending'] button { color: var(--ink); }
thead [aria-sort='ascending'] button::after { content: ' ↑'; }
thead [aria-sort='descending'] button::after { content: ' ↓'; }
tbody th { font-weight: 600; }
tbody tr:hover { background: var(--raised); }
code { font-family: var(--mono); font-size: 11px; color: var(--soft); overflow-wrap: anywhere; }
`

const CONNECTION = `
.overview { display: grid; grid-template-columns: minmax(0, 1.75fr) minmax(0, 1fr); grid-template-rows: auto 1fr; gap: 10px; padding: 10px; min-height: 100%; align-content: start; background: var(--raised); }
.card { padding: 10px 12px; border: 1px solid var(--line); border-radius: 10px; background: var(--bg); min-width: 0; }
.picture header { display: flex; justify-content: space-between; }
.charts { display: grid; gap: 10px; grid-row: 1 / span 2; grid-column: 2; align-content: start; }
.machine { display: block; width: 100%; max-height: 300px; margin-top: 2px; }
.machine .box { fill: var(--raised); stroke: var(--line); }
.machine text { fill: var(--soft); font-size: 13px; text-anchor: middle; dominant-baseline: central; }
.machine .note { fill: var(--tone); font-size: 12px; font-weight: 600; stroke: var(--bg); stroke-width: 5px; paint-order: stroke; }
.machine .halo { fill: color-mix(in oklab, var(--tone) 18%, transparent); }
.machine [data-mark='current'] .box { fill: var(--tone); stroke: var(--tone); }
.machine [data-mark='current'] text:not(.note) { fill: var(--bg); font-weight: 700; }
.machine [data-mark='before'] .box { stroke: var(--tone); stroke-dasharray: 4 3; }
.machine [data-mark='before'] text { fill: var(--ink); }
.machine .way { fill: none; stroke: color-mix(in oklab, var(--soft) 45%, var(--bg)); stroke-width: 1.3; }
.machine .way[data-gone='true'] { stroke: var(--tone); stroke-width: 2.2; }
.machine .quiet path { fill: color-mix(in oklab, var(--soft) 55%, var(--bg)); }
.machine .loud path { fill: var(--tone); }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(104px, 1fr)); gap: 9px 14px; }
dt { color: var(--soft); font-size: 11px; }
.facts dd { font-weight: 550; overflow-wrap: anywhere; }
.trouble { margin-bottom: 10px; padding: 7px 10px; border-radius: 8px; background: color-mix(in oklab, var(--bad) 10%, var(--bg)); overflow-wrap: anywhere; }
.trouble b { color: var(--bad); font: 600 11px var(--mono); }
.chart figcaption { display: flex; flex-wrap: wrap; gap: 2px 12px; align-items: baseline; }
.chart .title { flex: 1; font-weight: 650; }
.reading { color: var(--soft); white-space: nowrap; }
.reading b { color: var(--ink); font-weight: 600; }
.reading i { display: inline-block; width: 10px; height: 0; margin-inline-end: 4px; border-top: 2px solid var(--tone); vertical-align: middle; }
.reading[data-tone='out'] i { border-top-style: dashed; }
.plot { position: relative; height: 64px; margin-top: 6px; }
.plot svg { display: block; width: 100%; height: 100%; overflow: visible; touch-action: pan-y; }
.plot .most { position: absolute; top: -3px; inset-inline-start: 0; color: var(--soft); font-size: 10px; pointer-events: none; }
.plot .since { position: absolute; bottom: 1px; inset-inline-start: 0; color: var(--soft); font-size: 10px; pointer-events: none; }
.plot .line { fill: none; stroke: var(--tone); stroke-width: 1.6; vector-effect: non-scaling-stroke; stroke-linejoin: round; }
.plot [data-tone='out'] .line { stroke-dasharray: 4 2; }
.plot .area { fill: color-mix(in oklab, var(--tone) 14%, transparent); }
.plot [data-tone='out'] .area { fill: none; }
.plot .base { stroke: var(--line); stroke-dasharray: 2 3; vector-effect: non-scaling-stroke; }
.plot .cursor { stroke: var(--soft); vector-effect: non-scaling-stroke; }
.plot .gap { fill: color-mix(in oklab, var(--bad) 16%, transparent); }
`

const MESSAGES = `
.messages, .outbox, .timeline { display: flex; flex: 1; flex-direction: column; min-height: 0; }
.toolbar { display: flex; flex: none; flex-wrap: wrap; align-items: center; gap: 6px; padding: 7px 10px; border-bottom: 1px solid var(--line); }
.search { display: flex; align-items: center; gap: 6px; flex: 1 1 9rem; max-width: 16rem; color: var(--soft); }
.search input { width: 100%; min-width: 0; border: 0; background: none; color: var(--ink); outline: none; }
.search:focus-within { border-color: var(--accent); box-shadow: 0 0 0 1px var(--accent); }
::placeholder { color: var(--soft); opacity: 1; }
.segments { display: inline-flex; padding: 2px; border-radius: 8px; background: var(--sunken); }
.segments button { min-height: 24px; padding: 0 9px; border: 0; border-radius: 6px; background: none; color: var(--soft); font-weight: 550; }
.segments [aria-pressed='true'] { background: light-dark(#ffffff, #2b3240); color: var(--ink); box-shadow: 0 1px 2px #0002; }
.buttons { display: inline-flex; }
.split { display: flex; flex: 1; min-height: 0; }
.list { position: relative; flex: 1; min-width: 0; min-height: 0; }
.log { height: 100%; overflow: auto; overflow-anchor: none; scrollbar-width: thin; scrollbar-color: var(--line) transparent; contain: strict; }
.log:focus-visible { outline-offset: -2px; }
.log > div { position: relative; }
.list .empty { position: absolute; inset: 0; pointer-events: none; }
.row { position: absolute; inset: 0 0 auto; display: grid; grid-template-columns: 88px 14px minmax(84px, 1fr) minmax(64px, 1.1fr) minmax(0, 4fr) 58px; gap: 10px; align-items: center; height: 26px; padding: 0 12px; white-space: nowrap; font-family: var(--mono); font-size: 11px; cursor: default; box-shadow: inset 0 -1px color-mix(in oklab, var(--line) 45%, transparent); }
.row:hover { background: var(--sunken); }
.row[aria-selected='true'] { background: color-mix(in oklab, var(--accent) 15%, var(--bg)); box-shadow: inset 2px 0 var(--accent); }
.row > span { overflow: hidden; text-overflow: ellipsis; }
.row .time, .row .size, .row .channel { color: var(--soft); }
.row .size { text-align: end; }
.row .arrow { color: var(--in); font-weight: 700; }
.row[data-direction='out'] .arrow { color: var(--out); }
.row .type { font-weight: 600; }
.row[data-control='true'] .type { color: var(--soft); font-weight: 400; }
.newest { position: absolute; bottom: 12px; inset-inline: 0; margin-inline: auto; width: fit-content; display: inline-flex; align-items: center; gap: 5px; min-height: 28px; padding: 0 12px; border: 0; border-radius: 99px; background: var(--accent); color: var(--on-accent); font-weight: 600; box-shadow: 0 6px 18px -4px #0006; }
.details { display: flex; flex-direction: column; flex: 0 0 42%; min-width: 0; border-inline-start: 1px solid var(--line); background: var(--bg); }
.details header { display: flex; align-items: center; gap: 2px; padding: 6px 6px 0 12px; }
.details h3 { flex: 1; overflow: hidden; text-overflow: ellipsis; font-family: var(--mono); }
.details p { padding: 0 12px 6px; overflow-wrap: anywhere; }
pre { flex: 1; margin: 0; padding: 8px 12px 14px; overflow: auto; border-top: 1px solid var(--line); background: var(--raised); font: 11px/1.6 var(--mono); white-space: pre-wrap; overflow-wrap: anywhere; scrollbar-width: thin; }
pre:focus-visible { outline-offset: -2px; }
pre .name { color: var(--late); }
pre .text { color: var(--good); }
pre .value { color: var(--out); }
pre em { color: var(--soft); }
.status { display: flex; flex: none; align-items: center; gap: 10px; min-height: 28px; padding: 0 12px; border-top: 1px solid var(--line); color: var(--soft); font-size: 11px; white-space: nowrap; }
.status [role='status'] { margin-inline-start: auto; color: var(--ink); }
`

const OUTBOX = `
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(84px, 1fr)); gap: 1px; background: var(--line); border-bottom: 1px solid var(--line); }
.tiles > div { padding: 9px 12px; background: var(--bg); min-width: 0; }
.tiles dt { text-transform: capitalize; }
.tiles dd { font-size: 17px; font-weight: 650; line-height: 1.3; color: var(--tone); }
.tiles [data-tone='idle'] dd { color: var(--ink); }
.tiles dd.soft { font-size: 11px; font-weight: 400; color: var(--soft); }
.timeline .check { padding: 3px 12px; border-bottom: 1px solid var(--line); }
.timeline .number { width: 1%; }
`

const FAULTS = `
.faults { padding: 10px; background: var(--raised); min-height: 100%; }
.faults-head { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 8px; margin-bottom: 10px; padding-inline-start: 2px; }
.grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(248px, 1fr)); gap: 10px; }
.fault { display: flex; gap: 10px; align-items: flex-start; min-width: 0; padding: 10px 12px; border: 1px solid var(--line); border-radius: 10px; background: var(--bg); text-align: start; }
.fault:is(form, .amount) { flex-direction: column; align-items: stretch; gap: 8px; }
.fault > span { min-width: 0; }
.fault b { font-weight: 600; }
.fault output { float: inline-end; color: var(--soft); }
.fault small { display: block; color: var(--soft); font-size: 11px; line-height: 1.4; }
.fault[aria-checked='true'], .fault[data-on='true'] { border-color: var(--bad); box-shadow: inset 3px 0 var(--bad); }
.fault[data-on='true'] output { color: var(--bad); font-weight: 600; }
button.fault:hover { border-color: var(--soft); }
.knob { flex: none; position: relative; width: 30px; height: 18px; margin-top: 1px; border-radius: 99px; background: var(--idle); }
.knob::after { position: absolute; top: 2px; inset-inline-start: 2px; width: 14px; height: 14px; border-radius: 50%; background: var(--bg); content: ''; }
[aria-checked='true'] .knob { background: var(--bad); }
[aria-checked='true'] .knob::after { inset-inline-start: 14px; }
.inline { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 8px; }
.inline select { flex: 1; max-width: none; min-width: 0; }
.inline input { width: 5.5rem; }
.fault input[type='range'] { width: 100%; height: 24px; }
.missing { display: grid; gap: 10px; justify-items: start; max-width: 44rem; margin: 0 auto; padding: 22px 20px; color: var(--soft); }
.missing h3 { color: var(--ink); font-size: 15px; }
.missing pre { width: 100%; padding: 12px; border: 1px solid var(--line); border-radius: 8px; color: var(--ink); }
`

const ROOM = `
@container panel (max-width: 760px) {
  .overview { grid-template-columns: minmax(0, 1fr); grid-template-rows: none; }
  .charts { grid-row: auto; grid-column: auto; grid-template-columns: repeat(auto-fit, minmax(200px, 1fr)); order: 1; }
  .known { order: 2; }
}
@container panel (max-width: 560px) {
  .figures { display: none; }
  .head { gap: 6px; }
  .tabs [role='tab'] { min-height: 38px; }
  .icon { width: 32px; height: 32px; }
  .row { grid-template-columns: 58px 12px minmax(56px, 1fr) minmax(0, 2fr); gap: 8px; }
  .row .time { direction: rtl; text-overflow: clip; }
  .row :is(.channel, .size) { display: none; }
  .split { flex-direction: column; }
  .details { flex-basis: 55%; border-inline-start: 0; border-top: 1px solid var(--line); }
  .search { flex-basis: 100%; max-width: none; }
  .machine { max-height: none; }
  th, td { padding-inline: 8px; }
  .tiles { grid-template-columns: repeat(3, minmax(0, 1fr)); }
  .timeline :is(th, td):nth-child(3) { display: none; }
  .timeline td { vertical-align: top; }
  .timeline td:nth-child(2) { white-space: nowrap; }
}
@media (prefers-reduced-motion: no-preference) {
  .machine .halo { animation: breathe 2.4s ease-in-out infinite; }
  .machine[data-state='connected'] .halo { animation: none; }
  .machine .way[data-gone='true'] { stroke-dasharray: 260; animation: arrive .5s ease-out; }
  .knob, .knob::after { transition: inset-inline-start .15s, background .15s; }
}
@keyframes breathe { 50% { opacity: .25; } }
@keyframes arrive { from { stroke-dashoffset: 260; } }
@media (forced-colors: active) {
  .monitor { --tone: CanvasText; }
  .row[aria-selected='true'], .tabs [aria-selected='true']::after, [aria-checked='true'] .knob { forced-color-adjust: none; background: Highlight; color: HighlightText; }
  .machine .box { stroke: CanvasText; }
  .machine [data-mark='current'] .box { fill: Highlight; }
}
`

/** The stylesheet. */
export const STYLES: string = [BASE, BUTTONS, FLOATING, PANEL, TABLES, CONNECTION, MESSAGES, OUTBOX, FAULTS, ROOM].join('')
