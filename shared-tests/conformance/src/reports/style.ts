/** The report's only style sheet. Colours come in pairs, for light and for dark; none carries meaning alone. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: light-dark(#fbfaf8, #15171a);
  --card: light-dark(#ffffff, #1d2024);
  --ink: light-dark(#1f2328, #e6e8eb);
  --soft: light-dark(#5c6570, #9aa4b0);
  --line: light-dark(#e3e1dc, #32373e);
  --link: light-dark(#0b5cad, #7db8f5);
  --pass: light-dark(#14725a, #4cc29d);
  --fail: light-dark(#b3261e, #ff8a7a);
  --warn: light-dark(#8a5a00, #e8b450);
  --pass-back: light-dark(#dff2ea, #17362d);
  --fail-back: light-dark(#fbe3e0, #47201c);
  --warn-back: light-dark(#faeccc, #3d2f10);
  --none-back: light-dark(#eeece8, #272b30);
  --id: light-dark(#6b3fa0, #c3a2f2);
}
* { box-sizing: border-box }
html { scroll-padding-top: 1rem }
body {
  margin: 0 auto; padding: 2rem 1.25rem 6rem; max-width: 68rem;
  background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, 'Segoe UI', sans-serif;
}
a { color: var(--link); text-underline-offset: 0.15em }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 0.25rem; overflow-wrap: anywhere }
h2 { font-size: 1.2rem; margin: 3rem 0 0.75rem }
h3 { font-size: 1rem; margin: 2rem 0 0.5rem; color: var(--soft); font-weight: 600 }
p { margin: 0.4rem 0; max-width: 46rem }
code, pre, .bytes { font: 0.84rem/1.5 ui-monospace, 'Cascadia Mono', Menlo, Consolas, monospace }
.soft { color: var(--soft) }
.verdict { font-weight: 700 }
.passed { color: var(--pass) } .failed { color: var(--fail) } .undecided, .flaky, .failed-as-declared { color: var(--warn) }
header h1 { font-family: ui-monospace, 'Cascadia Mono', Menlo, Consolas, monospace; font-size: 1.3rem }
.bar { display: flex; height: 0.6rem; border-radius: 0.3rem; overflow: hidden; gap: 2px; margin: 0.9rem 0 0.2rem }
.bar span { background: var(--none-back) }
.bar .passed { background: var(--pass) } .bar .failed { background: var(--fail) }
.bar .flaky, .bar .failed-as-declared, .bar .undecided { background: var(--warn) }
header { border-bottom: 1px solid var(--line); padding-bottom: 1rem; margin-bottom: 1.5rem }
.cause { background: var(--card); border: 1px solid var(--line); border-radius: 0.6rem; padding: 1rem 1.25rem; margin: 0.75rem 0 }
.cause h3 { margin: 0 0 0.4rem; font-size: 1.08rem; color: var(--ink) }
.cause .columns { display: grid; grid-template-columns: 3fr 2fr; gap: 0 2rem }
.cause ul { margin: 0.2rem 0; padding: 0; list-style: none }
.cause li { margin: 0.25rem 0; line-height: 1.35 }
.cause li a { text-decoration: none } .cause li a:hover { text-decoration: underline }
.cause h3 .count { float: right; font-weight: 400; font-size: 0.9rem; color: var(--soft) }
.cause:first-of-type { border-left: 0.3rem solid var(--fail) }
.todo { border-left: 0.2rem solid var(--pass); padding-left: 0.75rem }
.evidence { font-size: 0.92rem }
.scroll { overflow-x: auto }
table { border-collapse: collapse }
.matrix { width: 100% }
.matrix th, .matrix td { padding: 0.32rem 0.6rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line) }
.matrix tbody th { font-weight: 600; white-space: nowrap; width: 4rem }
.matrix .section th { padding-top: 1.1rem; color: var(--soft); font-weight: 600 }
.matrix .demand { color: var(--soft); font-size: 0.88rem; max-width: 30rem }
.strip { display: flex; flex-wrap: wrap; gap: 0.22rem }
.square {
  display: inline-grid; place-items: center; width: 1.5rem; height: 1.5rem; border-radius: 0.3rem;
  font: 700 0.85rem/1 ui-monospace, monospace; text-decoration: none; background: var(--none-back); color: var(--soft);
}
.square.passed { background: var(--pass-back); color: var(--pass) }
.square.failed { background: var(--fail-back); color: var(--fail) }
.square.flaky, .square.undecided, .square.failed-as-declared { background: var(--warn-back); color: var(--warn) }
.square:hover, .square:focus-visible { outline: 2px solid currentColor }
.legend { display: flex; flex-wrap: wrap; gap: 0.4rem 1.2rem; margin: 0.8rem 0; font-size: 0.88rem; color: var(--soft) }
.legend > span { display: inline-flex; align-items: center; gap: 0.4rem }
details { border: 1px solid var(--line); border-radius: 0.5rem; background: var(--card); margin: 0.4rem 0 }
details:target { border-color: var(--link); box-shadow: 0 0 0 2px var(--link) }
summary { padding: 0.5rem 0.8rem; cursor: pointer; display: flex; gap: 0.7rem; align-items: baseline }
summary::-webkit-details-marker { display: none }
summary .name { flex: 1 }
summary .ms { color: var(--soft); font-size: 0.84rem; white-space: nowrap; font-variant-numeric: tabular-nums }
.inside { padding: 0 0.9rem 0.9rem; border-top: 1px solid var(--line) }
.inside pre { overflow-x: auto; background: var(--paper); border: 1px solid var(--line); border-radius: 0.4rem; padding: 0.6rem 0.8rem; margin: 0.7rem 0 }
blockquote { margin: 0.7rem 0; padding-left: 0.8rem; border-left: 0.2rem solid var(--line); color: var(--soft); font-size: 0.93rem; max-width: 48rem }
.wire { width: 100%; font-size: 0.85rem }
.wire caption { text-align: left; color: var(--soft); padding: 0.3rem 0; font-size: 0.85rem }
.wire th, .wire td { padding: 0.14rem 0.6rem 0.14rem 0; text-align: left; vertical-align: top; white-space: nowrap }
.wire th { color: var(--soft); font-weight: 400; border-bottom: 1px solid var(--line) }
.wire .time { text-align: right; color: var(--soft); font-variant-numeric: tabular-nums }
.wire .bytes { white-space: pre }
.wire tr.received { background: color-mix(in srgb, var(--link) 7%, transparent) }
.wire tr.mark td, .wire tr.gap td { color: var(--soft); font-style: italic }
.id { color: var(--id); font-weight: 600 } .nul { color: var(--fail); font-weight: 700 } .unknown { color: var(--soft) }
footer { margin-top: 4rem; padding-top: 1rem; border-top: 1px solid var(--line); color: var(--soft); font-size: 0.88rem }
@media print { details { break-inside: avoid } }
@media (max-width: 40rem) { .matrix .demand { display: none } .cause .columns { grid-template-columns: 1fr } }
`
