/** The frame of every page that the server itself shows to a person. Nothing from elsewhere, and no script but one. */
import { hash } from "node:crypto"
import type { FastifyReply } from "fastify"
import { html, type Html, trustedHtml } from "./html.ts"
import { backScript, backScriptHash, backTag, type BackToApp } from "./back-to-app.ts"

const style = `
:root { color-scheme: light dark; --line: #d5d9e0; --soft: #5b6472; --paper: #fff; --ground: #f4f5f8; --ink: #171a21; --accent: #2b50c8; --on-accent: #fff; --warn: #8a4b00; }
@media (prefers-color-scheme: dark) { :root { --line: #353b47; --soft: #a3acba; --paper: #1b1f27; --ground: #12151b; --ink: #eceff4; --accent: #8fabff; --on-accent: #10131a; --warn: #f0b35e; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 24px 16px; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 480px; margin: 4vh auto; padding: 28px; background: var(--paper); border: 1px solid var(--line); border-radius: 14px; }
h1 { margin: 0 0 12px; font-size: 1.35rem; line-height: 1.3; }
h2 { margin: 24px 0 8px; font-size: 1rem; }
p { margin: 0 0 12px; }
dl { margin: 0 0 16px; display: grid; grid-template-columns: auto 1fr; gap: 4px 14px; }
dt { color: var(--soft); } dd { margin: 0; font-weight: 600; overflow-wrap: anywhere; }
ul { margin: 0 0 16px; padding-left: 20px; }
code, pre { font: 0.86rem/1.45 ui-monospace, monospace; overflow-wrap: anywhere; }
pre { padding: 12px; overflow-x: auto; white-space: pre-wrap; background: var(--ground); border: 1px solid var(--line); border-radius: 8px; }
label { display: block; margin: 0 0 4px; font-weight: 600; }
input { width: 100%; padding: 10px 12px; border: 1px solid var(--soft); border-radius: 8px; background: var(--paper); color: var(--ink); font: inherit; }
button { width: 100%; margin-top: 8px; padding: 12px; border: 1px solid var(--accent); border-radius: 8px; background: var(--accent); color: var(--on-accent); font: inherit; font-weight: 600; cursor: pointer; }
button.second { background: transparent; color: var(--accent); }
a.button { display: block; margin-top: 8px; padding: 12px; border: 1px solid var(--accent); border-radius: 8px; background: var(--accent); color: var(--on-accent); font-weight: 600; text-align: center; text-decoration: none; }
a.button.second { background: transparent; color: var(--accent); }
.or { margin: 12px 0 4px; color: var(--soft); text-align: center; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.field { margin-bottom: 16px; } .hint, .fine { color: var(--soft); font-size: 0.88rem; } .fine { margin: 20px 0 0; padding-top: 16px; border-top: 1px solid var(--line); }
.problem { color: var(--warn); font-weight: 600; } a { color: var(--accent); }
`

const styleHash = hash("sha256", style, "base64")

export interface Page {
  readonly title: string
  readonly body: Html
  readonly status?: number
  /** Origins to which the page's form may lead, by redirect. */
  readonly formTargets?: readonly string[]
  /**
   * The page may have been opened by an app's page of another origin, which must stay reachable: any other policy than
   * `unsafe-none` would take `window.opener` from it for good.
   */
  readonly keepsOpener?: boolean
  readonly back?: BackToApp | null
}

/**
 * Pages with a form keep the referrer within this origin, so that the form's own Origin header is sent; final pages
 * send none at all.
 */
export function sendPage(reply: FastifyReply, page: Page): FastifyReply {
  const hasForm = page.formTargets !== undefined
  const formAction = hasForm
    ? `form-action 'self' ${page.formTargets.join(" ")}`.trim()
    : "form-action 'none'"
  const script = page.back ? `script-src 'sha256-${backScriptHash}'; ` : ""
  return reply
    .code(page.status ?? 200)
    .headers({
      "content-security-policy": `default-src 'none'; style-src 'sha256-${styleHash}'; ${script}${formAction}; frame-ancestors 'none'; base-uri 'none'`,
      "referrer-policy": hasForm ? "same-origin" : "no-referrer",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "cross-origin-opener-policy": page.keepsOpener === true ? "unsafe-none" : "same-origin-allow-popups",
    })
    .type("text/html; charset=utf-8")
    .send(document(page).text)
}

function document({ back, body, title }: Page): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        ${styleTag}
      </head>
      <body>
        <main>${body}</main>
        ${back ? html`${backTag(back)}${scriptTag}` : null}
      </body>
    </html> `
}

// Both are our own constants: escaping them would break the hashes that the policy names.
const styleTag = trustedHtml(`<style>${style}</style>`)
const scriptTag = trustedHtml(`<script>${backScript}</script>`)
