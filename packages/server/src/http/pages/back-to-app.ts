/** How a final page brings the person back to the app: the only script that the server's pages run. */
import { hash } from "node:crypto"
import type { WayBack } from "../../authorization/index.ts"
import { html, type Html } from "./html.ts"

export interface BackToApp {
  readonly way: WayBack
  /** Without asking; else the page stays, because there is something to read on it. */
  readonly leaves: boolean
}

/**
 * The data stands in attributes, so that the script is always the same text and the policy can name its hash. The page
 * that opened the window is told at once; only a page of the registered origin can read it. A link works without all
 * this.
 */
export const backScript = `
const { leaves, message, origin } = document.getElementById("back").dataset
const link = document.getElementById("back-link")
if (window.opener && !window.opener.closed) {
  window.opener.postMessage(JSON.parse(message), origin)
  link.addEventListener("click", (event) => { event.preventDefault(); window.close() })
  if (leaves === "yes") window.close()
} else if (leaves === "yes") location.replace(link.href)
`

export const backScriptHash = hash("sha256", backScript, "base64")

export function backTag({ leaves, way }: BackToApp): Html {
  return html`<div
    id="back"
    data-leaves="${leaves ? "yes" : "no"}"
    data-origin="${way.origin}"
    data-message="${JSON.stringify(way.message)}"
  ></div>`
}

export function backLink({ way }: BackToApp, text: string): Html {
  return html`<p><a class="button" id="back-link" href="${way.url}">${text}</a></p>`
}
