/** The page's style: system fonts, colours that stay apart in grey print, tables that scroll instead of breaking. */
export const HTML_STYLE = `
:root{--ink:#1c2330;--soft:#5a6475;--line:#d9dee7;--page:#fff;--panel:#f6f8fb;--critical:#8e1020;--high:#c0392b;--medium:#b26a00;--low:#5b6f00;--info:#4a6285;--good:#1d6b3a}
@media (prefers-color-scheme:dark){:root{--ink:#e8ecf3;--soft:#a3adbf;--line:#333c4b;--page:#141922;--panel:#1d2430;--critical:#ff7b8a;--high:#ff8a7a;--medium:#f0b45a;--low:#c3d465;--info:#9db7dd;--good:#6fcf97}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
main{max-width:72rem;margin:0 auto;padding:2.5rem 1.5rem 4rem}
header{border-bottom:1px solid var(--line);padding-bottom:1.5rem}
.kicker{margin:0;color:var(--soft);letter-spacing:.08em;text-transform:uppercase;font-size:.8rem}
h1{margin:.1em 0 .2em;font-size:2.6rem;line-height:1.15}
h2{margin:2.2rem 0 .8rem;font-size:1.35rem}
h3{margin:0 0 .4rem;font-size:1.05rem}
.lead{max-width:46rem;margin:0 0 1.4rem;font-size:1.08rem}
h1.secure{color:var(--good)}h1.vulnerable{color:var(--high)}h1.partial,h1.not-evaluable{color:var(--medium)}
.figures{display:flex;flex-wrap:wrap;gap:.8rem;margin:0}
.figures div{background:var(--panel);border:1px solid var(--line);border-radius:.5rem;padding:.6rem 1.1rem;min-width:7.5rem}
.figures dt{color:var(--soft);font-size:.82rem}
.figures dd{margin:0;font-size:1.7rem;font-weight:650;line-height:1.3}
.figures dd.word{font-size:1.15rem;line-height:1.9}
.figures small{font-size:.8rem;font-weight:400;color:var(--soft)}
.counts{margin:1.1rem 0 0}
.tag{display:inline-block;border:1.5px solid currentColor;border-radius:1rem;padding:0 .6em;font-size:.8rem;font-weight:600;white-space:nowrap}
.tag.critical{color:var(--critical)}.tag.high,.tag.vulnerable{color:var(--high)}.tag.medium,.tag.partial,.tag.not-evaluable{color:var(--medium)}.tag.low{color:var(--low)}.tag.info{color:var(--info)}.tag.secure{color:var(--good)}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.9rem}
th,td{border-bottom:1px solid var(--line);padding:.5rem .6rem;text-align:left;vertical-align:top;overflow-wrap:anywhere;min-width:5.5rem}
th{color:var(--soft);font-weight:600;overflow-wrap:normal}
td:first-child{min-width:14rem}
th.number{text-align:right}
td.number{text-align:right;font-variant-numeric:tabular-nums}
code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.86em}
pre{background:var(--panel);border:1px solid var(--line);border-radius:.4rem;padding:.7rem .9rem;overflow-x:auto;line-height:1.45}
.finding{border:1px solid var(--line);border-left:.35rem solid var(--info);border-radius:.4rem;padding:1rem 1.2rem;margin:0 0 1rem}
.finding.critical{border-left-color:var(--critical)}.finding.high{border-left-color:var(--high)}.finding.medium{border-left-color:var(--medium)}.finding.low{border-left-color:var(--low)}
.finding p{margin:.4rem 0}
.followers{margin:.3rem 0 .8rem;padding-left:1.1rem}.followers li{margin:.35rem 0}
.meta{color:var(--soft);font-size:.86rem;overflow-wrap:anywhere}
.warn{color:var(--high);font-weight:600}
footer{margin-top:3rem;border-top:1px solid var(--line);padding-top:1rem;color:var(--soft);font-size:.84rem}
@media print{:root{--ink:#000;--soft:#444;--line:#bbb;--page:#fff;--panel:#fff}main{max-width:none;padding:0}body{font-size:10.5pt}.finding,tr,.figures div{break-inside:avoid}h2,h3{break-after:avoid}.wide{overflow:visible}pre{white-space:pre-wrap}}
`
