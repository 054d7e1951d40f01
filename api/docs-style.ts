// The look of the documentation page, in one piece because its hash stands in the page's security policy.

export const STYLE = `
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 20%, transparent); }
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; display: grid; grid-template-columns: 15rem 1fr; }
nav { position: sticky; top: 0; height: 100vh; overflow: auto; padding: 1rem; box-sizing: border-box; border-right: 1px solid var(--line); }
nav ul { list-style: none; padding: 0; }
main { padding: 1rem 2rem 4rem; max-width: 60rem; min-width: 0; overflow-wrap: break-word; }
h1 { font-size: 1.25rem; }
h2 { margin-top: 2.5rem; border-bottom: 1px solid var(--line); }
h4 { margin: 0.75rem 0 0; }
details { border: 1px solid var(--line); border-radius: 6px; margin: 0.5rem 0; padding: 0.4rem 0.8rem; }
summary { cursor: pointer; }
ul { padding-left: 1.2rem; margin: 0.25rem 0; }
code { font: 0.9em ui-monospace, monospace; }
.method { display: inline-block; min-width: 4.2rem; font: bold 0.85em ui-monospace, monospace; }
.get { color: light-dark(#05603a, #6ee7a8); }
.post, .put, .patch { color: light-dark(#8a4b00, #ffc46b); }
.delete { color: light-dark(#a3122a, #ff8d9b); }
.roles { font-size: 0.9em; margin: 0.4rem 0 0; }
table { border-collapse: collapse; width: 100%; font-size: 0.9em; }
th, td { text-align: left; vertical-align: top; padding: 0.3rem 0.6rem 0.3rem 0; border-bottom: 1px solid var(--line); }
@media (max-width: 50rem) { body { grid-template-columns: minmax(0, 1fr); } nav { position: static; height: auto; border: 0; } table { display: block; overflow-x: auto; } }
`;
