/** Sign in, and out again. */
import type { Member } from "../../storage/stores/accounts.ts"
import { csrfInput, passwordField, problemText, textField } from "./form-parts.ts"
import { html, type Html } from "./html.ts"
import type { Page } from "./layout.ts"

export interface SignInForm {
  readonly csrf: string
  /** Where to go afterwards: a path of this server. */
  readonly next: string
  readonly email?: string
  /** Name of the OpenID provider; null: there is none. */
  readonly provider: string | null
  readonly problem?: { readonly text: string; readonly status: number }
}

export function signInPage({ csrf, email, next, problem, provider }: SignInForm): Page {
  return {
    title: "Sign in to Grantry",
    formTargets: [],
    status: problem?.status ?? 200,
    body: html`<h1>Sign in to Grantry</h1>
      <form method="post" action="/sign-in">
        ${csrfInput(csrf)}
        <input type="hidden" name="next" value="${next}" />
        ${problemText(problem?.text ?? null)}
        ${textField("email", "E-mail address", { type: "email", value: email ?? "", autocomplete: "username" })}
        ${passwordField("current-password")}
        <button type="submit">Sign in</button>
      </form>
      ${provider !== null && providerLink(`Sign in with ${provider}`, next)}
      <p class="fine">No account yet? Ask an owner or admin of a workspace for an invitation.</p>`,
  }
}

/** A link: the provider's address, to which it leads on, is not asked for before somebody wants to go there. */
export function providerLink(label: string, next: string): Html {
  return html`<p class="or">or</p>
    <a class="button second" href="/sign-in/oidc?next=${encodeURIComponent(next)}">${label}</a>`
}

export function signedInPage(member: Pick<Member, "email" | "name">, csrf: string): Page {
  return {
    title: "You are signed in",
    formTargets: [],
    body: html`<h1>You are signed in</h1>
      <p>As <strong>${member.name}</strong> (${member.email}).</p>
      <form method="post" action="/sign-out">
        ${csrfInput(csrf)}
        <button type="submit" class="second">Sign out</button>
      </form>`,
  }
}
