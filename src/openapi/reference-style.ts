/** The style of the reference, in the colours of the Desk. */
export const REFERENCE_STYLE = `
:root { color-scheme: light dark; --bg: #f8f6f2; --surface: #fff; --line: #d2cbbf; --ink: #1e1c18; --ink-2: #5b554b; --accent: #0b5c73; }
@media (prefers-color-scheme: dark) {
  :root { --bg: #0e1315; --surface: #151b1e; --line: #36434a; --ink: #e9edee; --ink-2: #a3afb4; --accent: #6fc0d4; }
}
body { margin: 0; background: var(--bg); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
a { color: var(--accent); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
header { display: flex; flex-wrap: wrap; gap: 8px 24px; padding: 14px 24px; border-bottom: 1px solid var(--line); background: var(--surface); }
.frame { display: grid; grid-template-columns: 250px minmax(0, 1fr); gap: 32px; max-width: 1160px; margin: 0 auto; padding: 24px; }
nav { position: sticky; top: 24px; align-self: start; max-height: calc(100vh - 48px); overflow-y: auto; }
nav h2 { margin: 16px 0 4px; font-size: 15px; }
nav ul { margin: 0; padding: 0; list-style: none; }
nav a { display: block; padding: 4px 0; }
h1 { margin-top: 0; }
h1 small { color: var(--ink-2); font-size: 15px; font-weight: 400; }
main > section > h2 { margin-top: 40px; }
h3 b { color: var(--accent); }
article { margin: 0 0 24px; padding: 4px 20px 20px; border: 1px solid var(--line); border-radius: 12px; background: var(--surface); }
pre { padding: 12px; border: 1px solid var(--line); border-radius: 8px; background: var(--bg); white-space: pre-wrap; }
code, pre { font: 13px ui-monospace, monospace; }
table { width: 100%; margin: 12px 0; border-collapse: collapse; font-size: 14px; }
caption { padding: 4px 0; color: var(--ink-2); text-align: left; }
th, td { padding: 6px 12px 6px 0; border-top: 1px solid var(--line); text-align: left; vertical-align: top; font-weight: 400; }
@media (min-width: 801px) { th, td { overflow-wrap: break-word; } }
thead th { color: var(--ink-2); }
@media (max-width: 800px) {
  .frame { grid-template-columns: minmax(0, 1fr); padding: 16px; }
  nav { position: static; max-height: none; }
}
`;
