/** Of a violation's page. Colours follow the reader's light or dark scheme. */
export const STYLE = `
:root { color-scheme: light dark; --back: #ffffff; --text: #1c2128; --faint: #59636e; --line: #d8dee4;
  --placed: #dcefe3; --placed-edge: #2f7d4f; --other: #e9ecf0; --other-edge: #818b98;
  --unplaced: #ffe0dd; --unplaced-edge: #c4281c; --badge: #ffffff; }
@media (prefers-color-scheme: dark) {
  :root { --back: #14181d; --text: #e3e8ee; --faint: #9aa5b1; --line: #303841;
    --placed: #1a3b29; --placed-edge: #57b881; --other: #262c34; --other-edge: #7d8894;
    --unplaced: #4a1d1b; --unplaced-edge: #ff7b70; --badge: #14181d; }
}
body { margin: 2rem; background: var(--back); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.3rem; margin: 0 0 .5rem; }
p { max-width: 50rem; margin: .3rem 0; }
code, svg text, td { font-family: ui-monospace, monospace; font-size: 12px; }
.drawing { overflow-x: auto; margin: 1.2rem 0; padding: .5rem 0; border: solid var(--line);
  border-width: 1px 0; }
svg text { fill: var(--text); dominant-baseline: central; }
svg .client { font-weight: 600; }
svg .lane { stroke: var(--line); }
rect { stroke-width: 1.5; }
.placed rect { fill: var(--placed); stroke: var(--placed-edge); }
.other rect { fill: var(--other); stroke: var(--other-edge); }
.unplaced rect { fill: var(--unplaced); stroke: var(--unplaced-edge); stroke-width: 2.5; }
.open rect { stroke-dasharray: 5 4; }
.placed circle { fill: var(--placed-edge); }
.unplaced circle { fill: var(--unplaced-edge); }
svg .badge { fill: var(--badge); text-anchor: middle; font-weight: 700; font-size: 11px; }
table { border-collapse: collapse; }
th, td { text-align: left; padding: .15rem 1rem .15rem 0; border-bottom: 1px solid var(--line); }
th { font-weight: 600; color: var(--faint); }
tr.wrong td { color: var(--unplaced-edge); font-weight: 700; }
.faint { color: var(--faint); }`;
