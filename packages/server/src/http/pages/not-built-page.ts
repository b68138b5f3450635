/** What stands in the dashboard's place in a checkout where nobody has built it. */
import { html } from "./html.ts"
import type { Page } from "./layout.ts"

export function notBuiltPage(): Page {
  return {
    title: "The dashboard is not built",
    body: html`<h1>The dashboard is not built</h1>
      <p>The server runs; only its page is missing. Build it once, then load this page again:</p>
      <pre>npm run build:dashboard</pre>
      <p class="fine">The API does not need it: see <a href="/api/openapi.json">/api/openapi.json</a>.</p>`,
  }
}
