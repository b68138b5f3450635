/** What went wrong, for a person. */
import type { GrantryError } from "../../errors.ts"
import { html } from "./html.ts"
import type { Page } from "./layout.ts"

export function problemPage(error: GrantryError, requestId: string): Page {
  return {
    title: "This did not work",
    status: error.status,
    body: html`<h1>This did not work</h1>
      <p>${error.message}</p>
      <p class="fine">
        Code <a href="/errors/${error.code}">${error.code}</a>, request <code>${requestId}</code>.
      </p>`,
  }
}
