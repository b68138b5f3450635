/** Markup whose every value is escaped unless it is markup itself. */
export interface Markup {
  readonly html: string
}

type Part = string | number | Markup | readonly Markup[] | null

export function markup(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return { html: strings.reduce((text, string, index) => text + rendered(parts[index - 1] ?? null) + string) }
}

function rendered(part: Part): string {
  if (part === null) return ""
  if (typeof part === "string" || typeof part === "number") return escaped(String(part))
  return "html" in part ? part.html : part.map((item) => item.html).join("")
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character)
}

const style = `
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #57606a; --line: #d0d7de; --paper: #fff; --ground: #f6f8fa; --act: #0b57d0; --on-act: #fff; --bad: #a40e26 }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #9da7b3; --line: #3d444d; --paper: #161b22; --ground: #0d1117; --act: #7cacf8; --on-act: #0d1117; --bad: #ff938a } }
* { box-sizing: border-box }
body { margin: 0; padding: 1rem; background: var(--ground); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere }
main { max-width: 34rem; margin: 0 auto; padding: 1.25rem; background: var(--paper); border: 1px solid var(--line); border-radius: .75rem }
main.wide { max-width: 64rem }
h1 { font-size: 1.35rem; line-height: 1.3; margin: 0 0 .5rem } h2 { font-size: 1.05rem; margin: 1.5rem 0 .5rem }
p { margin: .5rem 0 } .soft { color: var(--soft); font-size: .9rem } .bad { color: var(--bad) }
fieldset { border: 1px solid var(--line); border-radius: .5rem; margin: 1rem 0; padding: .5rem .75rem }
legend { padding: 0 .35rem; font-weight: 600 }
label { display: flex; gap: .6rem; align-items: flex-start; padding: .45rem 0; min-height: 2.75rem; cursor: pointer }
input { width: 1.15rem; height: 1.15rem; margin: .2rem 0 0; flex: none; accent-color: var(--act) }
button { font: inherit; font-weight: 600; width: 100%; min-height: 2.75rem; padding: .5rem 1rem; border-radius: .5rem; border: 1px solid var(--act); background: var(--act); color: var(--on-act); cursor: pointer }
button.plain { background: transparent; color: var(--ink); border-color: var(--line); margin-top: .5rem }
:focus-visible { outline: 3px solid var(--act); outline-offset: 2px }
code { font-family: ui-monospace, monospace; font-size: .875em }
dl { display: grid; grid-template-columns: minmax(6rem, max-content) 1fr; gap: .25rem 1rem; margin: .75rem 0 } dt { color: var(--soft) } dd { margin: 0 }
.scroll { overflow-x: auto } table { border-collapse: collapse; width: 100%; font-size: .9rem; overflow-wrap: normal } th, td { text-align: left; padding: .4rem .6rem .4rem 0; border-bottom: 1px solid var(--line); vertical-align: top }
`

/** A whole document around a page's content. */
export function page(title: string, content: Markup, wide = false): string {
  const document = markup`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${title}</title>
        <style>
          ${{ html: style }}
        </style>
      </head>
      <body>
        <main class="${wide ? "wide" : "narrow"}">${content}</main>
      </body>
    </html>`
  return document.html
}
