/** The second step of a sign-in. */
import { csrfInput, problemText, textField } from "./form-parts.ts"
import { html } from "./html.ts"
import type { Page } from "./layout.ts"

export interface CodePage {
  readonly csrf: string
  /** Where to go afterwards: a path of this server. */
  readonly next: string
  readonly problem?: { readonly text: string; readonly status: number }
}

export function signInCodePage({ csrf, next, problem }: CodePage): Page {
  return {
    title: "Enter your code",
    formTargets: [],
    status: problem?.status ?? 200,
    body: html`<h1>Enter your code</h1>
      <p>Your authenticator app shows it: six digits that change every half minute.</p>
      <form method="post" action="/sign-in/code">
        ${csrfInput(csrf)}
        <input type="hidden" name="next" value="${next}" />
        ${problemText(problem?.text ?? null)} ${textField("code", "Code", { autocomplete: "one-time-code" })}
        <button type="submit">Sign in</button>
      </form>
      <p class="fine">
        Without the app, enter one of your backup codes; each works once.
        <a href="/sign-in?next=${encodeURIComponent(next)}">Sign in as somebody else</a>
      </p>`,
  }
}
