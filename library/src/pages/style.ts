import type { Brand } from "./brand.ts";

/** The style of all pages: system fonts, no picture, nothing loaded. One text, so that its hash can stand in the policy. */
export function styleOf({ light, dark }: Brand): string {
  return `:root{color-scheme:light dark;--ground:#f4f5f4;--card:#fff;--ink:#1b1f1e;--soft:#565f5c;--line:#d5dad7;--field:#7d8783;--bad:#b3261e;--bad-ground:#fdf0ee;--good-ground:#eef6f1;--accent:${light.accent};--on-accent:${light.onAccent}}
@media (prefers-color-scheme:dark){:root{--ground:#15181b;--card:#202429;--ink:#eceeed;--soft:#b0b8b5;--line:#3a4046;--field:#8a9496;--bad:#ff9c92;--bad-ground:#3a2322;--good-ground:#1f302a;--accent:${dark.accent};--on-accent:${dark.onAccent}}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;overflow-wrap:anywhere}
a{color:var(--accent);text-underline-offset:.15em}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.top{display:flex;align-items:center;justify-content:space-between;gap:1rem;max-width:44rem;margin:0 auto;padding:1rem 1.25rem}
.brand{display:flex;align-items:center;gap:.6rem;font-weight:650;font-size:1.05rem;margin:0}
.brand img{height:40px;width:auto;max-width:10rem}
main{max-width:44rem;margin:0 auto;padding:0 1.25rem 4rem}
.narrow{max-width:25rem;padding-top:min(8vh,4rem)}
.narrow .brand{justify-content:center;margin-bottom:1.25rem}
h1{font-size:1.6rem;line-height:1.2;margin:0 0 1.25rem;letter-spacing:-.01em}
h2{font-size:1.15rem;margin:0 0 .25rem}
.card{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:1.5rem;margin:0 0 1.25rem}
.card>:last-child{margin-bottom:0}
.lead{color:var(--soft);margin:0 0 1.25rem}
.small{font-size:.9rem;color:var(--soft);margin:.15rem 0 0}
.after{text-align:center;color:var(--soft)}
.field{margin:0 0 1.1rem}
label{display:block;font-weight:600;margin:0 0 .3rem}
input{width:100%;min-height:2.75rem;padding:.5rem .7rem;font:inherit;color:inherit;background:var(--card);border:1px solid var(--field);border-radius:8px}
input[aria-invalid=true]{border:2px solid var(--bad)}
.error{color:var(--bad);font-weight:600;font-size:.95rem;margin:.3rem 0 0}
.alert{border-left:4px solid var(--bad);background:var(--bad-ground);padding:.8rem 1rem;border-radius:6px;margin:0 0 1.25rem}
.done{border-left:4px solid var(--accent);background:var(--good-ground);padding:.8rem 1rem;border-radius:6px;margin:0 0 1.25rem}
.alert p,.done p{margin:0}
button{min-height:2.75rem;padding:.5rem 1.2rem;font:inherit;font-weight:600;border-radius:8px;border:1px solid var(--accent);background:var(--accent);color:var(--on-accent);cursor:pointer;white-space:nowrap;overflow-wrap:normal}
button:hover{filter:brightness(1.08)}
.wide{width:100%}
.link{min-height:0;padding:0;border:0;background:none;color:var(--accent);font-weight:inherit;text-decoration:underline;text-underline-offset:.15em}
.link:hover{filter:none}
.forgot{text-align:right;margin:-.6rem 0 1.1rem}
.ways{display:grid;gap:.6rem;margin:0}
.or{display:flex;align-items:center;gap:.8rem;color:var(--soft);margin:1.1rem 0}
.or::before,.or::after{content:"";flex:1;border-top:1px solid var(--line)}
.button{display:flex;align-items:center;justify-content:center;gap:.6rem;min-height:2.75rem;padding:.5rem 1.2rem;font-weight:600;border-radius:8px;border:1px solid var(--field);color:var(--ink);text-decoration:none}
.button:hover{border-color:var(--ink)}
.plain{background:transparent;color:var(--ink);border-color:var(--field)}
.plain:hover{filter:none;border-color:var(--ink)}
.list{list-style:none;margin:1rem 0 0;padding:0}
.list li{display:flex;flex-wrap:wrap;align-items:center;justify-content:space-between;gap:1rem;padding:.9rem 0;border-top:1px solid var(--line)}
.list li>div{flex:1 1 10rem}
.list form{flex:none}
.list strong{font-weight:600}
.badge{display:inline-block;font-size:.8rem;font-weight:600;border:1px solid var(--accent);color:var(--accent);border-radius:99px;padding:0 .55rem;margin-left:.4rem}
.row{display:grid;gap:0 1rem;grid-template-columns:1fr 1fr}
.more{border-top:1px solid var(--line);margin-top:1rem;padding-top:1.25rem}
.buttons{display:flex;flex-wrap:wrap;gap:.6rem}
.buttons button{white-space:normal}
code,.secret{font:.95rem/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
.secret{display:block;padding:.8rem 1rem;border:1px dashed var(--field);border-radius:8px;background:var(--card);margin:.6rem 0 0;user-select:all}
.usercode{font:700 1.6rem/1.3 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;letter-spacing:.12em;text-align:center;margin:.5rem 0 1.25rem}
.asks{font-weight:600;margin:1.25rem 0 .4rem}
.asked{margin:0 0 1.25rem;padding-left:1.2rem}
.asked li{margin:.3rem 0}
.choice{display:grid;gap:.75rem;grid-template-columns:1fr 1fr;margin:1.25rem 0}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
@media (max-width:32rem){.row{grid-template-columns:1fr}.card{padding:1.15rem}.list li{align-items:flex-start}main,.top{padding-left:1rem;padding-right:1rem}}`;
}
