/** The report's only style sheet. It stands in the page: the page needs no network. */
export const STYLE = `
:root { --paper: #fdfdfb; --ink: #1f2328; --soft: #5f6770; --line: #dcdfe3; --tint: #f3f4f1; --good: #1a7f37; --bad: #b42318; --doubt: #c98a00 }
@media (prefers-color-scheme: dark) {
  :root { --paper: #14171a; --ink: #e4e7ea; --soft: #9aa3ad; --line: #32383f; --tint: #1c2024; --good: #4ac26b; --bad: #ff7b72; --doubt: #d9a72e }
}
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, 'Segoe UI', Roboto, sans-serif }
main, header { max-width: 940px; margin: 0 auto; padding: 0 28px }
header { padding-top: 44px }
h1 { font-size: 30px; line-height: 1.2; margin: 0 0 6px; letter-spacing: -.01em }
h2 { font-size: 21px; margin: 60px 0 4px; letter-spacing: -.005em }
h3 { font-size: 15px; margin: 30px 0 6px }
p { margin: 8px 0; max-width: 74ch }
.lead { color: var(--soft); font-size: 15px }
.verdict { border-left: 4px solid var(--good); background: var(--tint); padding: 10px 16px; margin: 18px 0; border-radius: 0 6px 6px 0 }
.verdict.bad { border-color: var(--bad) }
.verdict.doubtful { border-color: var(--doubt) }
.verdict p { margin: 3px 0; max-width: none }
nav { margin: 18px 0 0; font-size: 14px; display: flex; flex-wrap: wrap; gap: 4px 16px }
a { color: inherit; text-decoration-color: var(--soft); text-underline-offset: 3px }
figure { margin: 16px 0 0 }
svg.plot { display: block; max-width: 100%; height: auto; color: var(--ink); background: none !important; overflow: visible }
figcaption { font-size: 14px; color: var(--soft); margin-top: 8px; border-top: 1px solid var(--line); padding-top: 8px }
figcaption p { margin: 3px 0 }
.legend { display: flex; flex-wrap: wrap; gap: 2px 18px; font-size: 13.5px; padding: 0; margin: 10px 0 0; list-style: none }
.legend i { display: inline-block; width: 12px; height: 12px; border-radius: 3px; margin-right: 6px; vertical-align: -1px }
code { font: 13px/1.4 ui-monospace, 'SF Mono', Menlo, monospace; background: var(--tint); padding: 1px 5px; border-radius: 4px; overflow-wrap: anywhere }
.wide { overflow-x: auto; margin: 10px 0 }
table { border-collapse: collapse; font-size: 13.5px; font-variant-numeric: tabular-nums; width: 100% }
th { text-align: left; color: var(--soft); font-weight: 600; border-bottom: 1.5px solid var(--line) }
th, td { padding: 4px 14px 4px 0; vertical-align: baseline }
small { color: var(--soft); font-size: 12px }
.glance small { display: block }
.glance th { white-space: normal; vertical-align: bottom }
td:first-child { white-space: nowrap }
td { border-bottom: 1px solid var(--line) }
.figure { text-align: right; white-space: nowrap }
details { margin: 10px 0; border: 1px solid var(--line); border-radius: 6px; padding: 6px 14px }
summary { cursor: pointer; font-size: 14.5px }
footer { max-width: 940px; margin: 70px auto 40px; padding: 0 28px; color: var(--soft); font-size: 13.5px }
@media print { details { border: 0; padding: 0 } }
`
