import type { BrandColours } from '@portico/kernel/brand-colours'

/** What a brand changes; each value was read and checked where it was set, and is written here into a style sheet as it is. */
export interface BrandStyle {
  light: BrandColours
  dark: BrandColours
  radius: string
  font: string
}

const RULES = `*{box-sizing:border-box}[hidden]{display:none!important}html{-webkit-text-size-adjust:100%}
body{margin:0;min-height:100vh;min-height:100dvh;display:flex;flex-direction:column;align-items:center;justify-content:center;gap:1.25rem;
padding:2rem 1rem;background:var(--page);color:var(--text);font:400 1rem/1.5 var(--font);overflow-wrap:anywhere}
main{width:100%;max-width:26rem;background:var(--card);border:1px solid var(--line);border-radius:calc(var(--radius)*1.6);padding:2.25rem;
box-shadow:0 1px 2px rgb(0 0 0/.05),0 12px 32px -12px rgb(0 0 0/.14)}
.brand{display:flex;align-items:center;gap:.65rem;font-weight:600;margin-bottom:1.5rem}.brand img{max-height:2.25rem;max-width:11rem;
width:auto;height:auto;display:block}
.mark{width:2.25rem;height:2.25rem;border-radius:var(--radius);background:var(--brand);color:var(--on-brand);display:grid;
place-items:center;flex:none}
h1{font-size:1.4rem;line-height:1.25;letter-spacing:-.015em;margin:0 0 .35rem;font-weight:650}
p{margin:0 0 1rem}.lead,.hint,.foot,small{color:var(--muted)}.lead{margin-bottom:1.5rem}.hint,small{font-size:.875rem}
a{color:var(--accent);text-underline-offset:3px;text-decoration-thickness:1px}a:hover{text-decoration-thickness:2px}
form{margin:0}.inline{display:inline}label{display:block;font-size:.875rem;font-weight:550}.row{display:flex;justify-content:space-between;gap:1rem;
align-items:baseline;font-size:.875rem}
.field{margin-bottom:1rem}input,select{font:inherit;color:inherit;width:100%;padding:.6rem .75rem;margin-top:.35rem;
background:var(--field);border:1px solid var(--field-line);border-radius:var(--radius)}
input:focus-visible,button:focus-visible,a:focus-visible,select:focus-visible,summary:focus-visible{outline:2px solid var(--accent);
outline-offset:2px}
input[aria-invalid=true]{border-color:var(--bad)}.wrong{color:var(--bad);font-size:.875rem;margin:.35rem 0 0}
button,.button{display:flex;align-items:center;justify-content:center;gap:.6rem;width:100%;font:inherit;font-weight:550;line-height:1.4;
padding:.6rem 1rem;
border:1px solid transparent;border-radius:var(--radius);background:var(--brand);color:var(--on-brand);cursor:pointer;
text-decoration:none;text-align:center}
button:hover,.button:hover{filter:brightness(1.06)}button[disabled]{opacity:.6;cursor:progress}
.quiet{background:var(--card);color:var(--text);border-color:var(--field-line)}.quiet:hover{background:var(--page);filter:none}
.plain{display:inline;font-weight:inherit;width:auto;padding:0;border:0;background:none;color:var(--accent);text-decoration:underline;
text-underline-offset:3px;text-decoration-thickness:1px}
.stack{display:grid;gap:.6rem}.stack>*{margin:0}.small{width:auto;padding:.35rem .75rem;
font-size:.875rem}
.foot{margin:1.5rem 0 0;text-align:center;font-size:.925rem}
.under{display:flex;flex-wrap:wrap;gap:.35rem 1.25rem;justify-content:center;align-items:center;font-size:.8125rem;color:var(--muted)}
.under a{color:inherit}.under form{display:flex;gap:.35rem;align-items:center}.under select{width:auto;margin:0;padding:.15rem .35rem;
font-size:.8125rem}
.under button{width:auto;padding:.15rem .5rem;font-size:.8125rem}
.icon{width:1.15rem;height:1.15rem;flex:none}`

/** What only some pages need, by what in their markup needs it. */
const PARTS: readonly (readonly [marker: string, rules: string])[] = [
  ['class="list"', `ul.list{list-style:none;margin:0 0 1rem;padding:0}
ul.list>li{display:flex;gap:1rem;justify-content:space-between;align-items:center;padding:.65rem 0;border-bottom:1px solid var(--line)}
ul.list>li:last-child{border:0}
.grow{flex:1;min-width:0}`],
  ['class="badge', `.badge{font-size:.75rem;border-radius:99px;padding:.05rem .5rem;background:var(--good-soft);color:var(--good);
white-space:nowrap}
.badge.off{background:var(--page);color:var(--muted)}`],
  ['class="wide"', `main.wide{max-width:44rem}h2{font-size:1.05rem;margin:0 0 .25rem}section{border-top:1px solid var(--line);padding:1.5rem 0}section>:last-child{margin-bottom:0}h2+form{margin-top:.75rem}
.wide button,.wide .button{width:auto}.wide form>.field{max-width:24rem}.wide .stack{justify-items:start}.wide details form{margin-top:.25rem}`],
  ['class="values"', `.values{margin:0 0 1rem}.values>div{margin-bottom:.6rem}.values dt{font-size:.875rem;color:var(--muted)}
.values dd{margin:.15rem 0 0;font:.875rem/1.5 ui-monospace,monospace;padding:.4rem .6rem;background:var(--page);border-radius:var(--radius);
user-select:all;overflow-wrap:anywhere}`],
  ['class="acts"', `.acts{display:flex;flex-wrap:wrap;gap:.6rem;margin-bottom:1rem}`],
  ['<textarea', `textarea{font:.875rem/1.5 ui-monospace,monospace;color:inherit;width:100%;padding:.6rem .75rem;margin-top:.35rem;resize:vertical;
background:var(--field);border:1px solid var(--field-line);border-radius:var(--radius)}textarea[aria-invalid=true]{border-color:var(--bad)}
textarea:focus-visible{outline:2px solid var(--accent);outline-offset:2px}`],
  ['class="wrap"', `ul.list>.wrap{flex-wrap:wrap}.wrap>.grow{flex:1 1 14rem}.wrap .acts{margin:0}.wrap .acts form:has(select){display:flex;gap:.6rem;align-items:center}
.wrap select{width:auto;margin:0;padding:.3rem .5rem;font-size:.875rem}`],
  ['class="tall"', `ul.list>.tall{align-items:flex-start}.tall p{margin-bottom:.6rem}.tall .values,.tall .acts{margin-bottom:.25rem}`],
  ['class="codes"', `.codes{display:grid;grid-template-columns:repeat(2,1fr);gap:.4rem 1rem;font:.95rem ui-monospace,monospace;padding:1rem;margin:0 0 1rem;
background:var(--page);border-radius:var(--radius);list-style:none}`],
  ['class="qr"', `.qr{background:#fff;border-radius:var(--radius);padding:.75rem;width:12rem;margin:0 auto 1rem}.qr svg{display:block;width:100%;height:auto}`],
  ['class="gone"', `.gone{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}`],
  ['class="folded"', `.folded{display:grid;gap:.6rem;margin:0 0 1rem}`],
  ['<details', `summary{cursor:pointer;color:var(--accent);font-size:.925rem}details[open] summary{margin-bottom:.75rem}`],
  ['class="face', `.face{width:3rem;height:3rem;margin-bottom:1rem;border-radius:50%;display:grid;place-items:center;background:var(--good-soft);
color:var(--good)}.face.bad{background:var(--bad-soft);color:var(--bad)}`],
  ['class="code"', `input.code{letter-spacing:.35em;font-size:1.35rem;text-align:center;font-variant-numeric:tabular-nums}`],
  ['class="or"', `.or{display:flex;align-items:center;gap:.85rem;color:var(--muted);font-size:.875rem;margin:1.25rem 0}.or::before,.or::after{content:"";
flex:1;height:1px;background:var(--line)}
.or:has(+[hidden]),[hidden]+.or,.stack:not(:has(>:not([hidden])))+.or{display:none}`],
  ['class="alert', `.alert{border-radius:var(--radius);padding:.7rem .85rem;margin:0 0 1.25rem;font-size:.925rem;background:var(--bad-soft);color:var(--bad)}
h1+.alert,h2+.alert{margin-top:1rem}.alert.good{background:var(--good-soft);color:var(--good)}`],
  ['danger', `.danger{background:var(--bad-fill);color:#fff}`],
]

const NARROW = `@media (max-width:30rem){body{padding:0;justify-content:flex-start;background:var(--card)}main,main.wide{border:0;box-shadow:none;
border-radius:0;padding:2rem 1.25rem 1rem}.under{padding:0 1rem 1.5rem}}
@media (prefers-reduced-motion:no-preference){button,.button{transition:filter .12s}}`

const LIGHT = `--page:#f5f6f8;--card:#fff;--text:#15181e;--muted:#5b6270;--line:#e6e8ec;--field:#fff;--field-line:#868d9a;--bad:#b3261e;
--bad-fill:#b3261e;--bad-soft:#fdeceb;--good:#14683a;--good-soft:#e5f5ec`
const DARK = `--page:#0d0f13;--card:#16191f;--text:#eef0f4;--muted:#a3abba;--line:#2a2f39;--field:#0f1116;--field-line:#6b7382;
--bad:#ff9b93;--bad-fill:#b3261e;--bad-soft:#3a1917;--good:#7fdba8;--good-soft:#12301f`

/** The style sheet of a page: what a brand may change, what all pages have, and what this one needs. */
export function styleSheet({ light, dark, radius, font }: BrandStyle, body: string): string {
  const used = PARTS.filter(([marker]) => body.includes(marker)).map(([, rules]) => rules)
  return `:root{color-scheme:light dark;--radius:${radius};--font:${font};${LIGHT};${colours(light)}}
@media (prefers-color-scheme:dark){:root{${DARK};${colours(dark)}}}
${[RULES, ...used, NARROW].join('\n')}`
}

const colours = ({ brand, onBrand, accent }: BrandColours) => `--brand:${brand};--on-brand:${onBrand};--accent:${accent}`

/** The same sheet for a reader who prefers that, whatever the system says. */
export const inScheme = (sheet: string, scheme: 'light' | 'dark'): string =>
  sheet
    .replaceAll('(prefers-color-scheme:dark)', scheme === 'dark' ? '(min-width:0)' : '(max-width:0)')
    .replace('color-scheme:light dark', `color-scheme:${scheme}`)
