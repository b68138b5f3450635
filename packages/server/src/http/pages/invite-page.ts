/** An invitation to a workspace, looked at by whoever has the link. */
import { csrfInput, passwordField, problemText, textField } from "./form-parts.ts"
import { html, type Html } from "./html.ts"
import type { Page } from "./layout.ts"
import { providerLink } from "./sign-in-page.ts"

export interface InvitePage {
  readonly secret: string
  readonly csrf: string
  readonly workspaceName: string
  readonly role: string
  readonly email: string
  readonly invitedBy: string
  /** Name of the OpenID provider; null: there is none. */
  readonly provider: string | null
  readonly problem?: { readonly text: string; readonly status: number }
}

/** What the person can do next. */
export type InviteStep =
  | { readonly kind: "join" }
  | { readonly kind: "sign_in" }
  | { readonly kind: "sign_up"; readonly name: string }
  | { readonly kind: "other_member"; readonly email: string; readonly signOutCsrf: string }

export function invitePage(page: InvitePage, step: InviteStep): Page {
  const { email, invitedBy, problem, role, workspaceName } = page
  return {
    title: `Join ${workspaceName}`,
    formTargets: [],
    status: problem?.status ?? 200,
    body: html`<h1>Join ${workspaceName}</h1>
      <dl>
        <dt>Workspace</dt>
        <dd>${workspaceName}</dd>
        <dt>Invited by</dt>
        <dd>${invitedBy}</dd>
        <dt>Role</dt>
        <dd>${role}</dd>
        <dt>For</dt>
        <dd>${email}</dd>
      </dl>
      ${problemText(problem?.text ?? null)} ${stepForm(page, step)}`,
  }
}

function stepForm({ csrf, email, provider, secret }: InvitePage, step: InviteStep): Html {
  const action = `/invite/${secret}`
  switch (step.kind) {
    case "join":
      return html`<form method="post" action="${action}">
        ${csrfInput(csrf)}
        <button type="submit">Join</button>
      </form>`
    case "sign_in":
      return html`<p>You have an account here: <a href="/sign-in?next=${action}">sign in</a> to join.</p>`
    case "sign_up":
      return html`<form method="post" action="${action}">
          ${csrfInput(csrf)}
          <p>Choose a name and a password; you sign in with ${email} from then on.</p>
          ${textField("name", "Name", { value: step.name, autocomplete: "name" })}
          ${passwordField("new-password")}
          <button type="submit">Sign up and join</button>
        </form>
        ${provider !== null && providerLink(`Sign up with ${provider}`, action)}`
    case "other_member":
      return html`<p>You are signed in as ${step.email}. Sign out and open the link again to join.</p>
        <form method="post" action="/sign-out">
          ${csrfInput(step.signOutCsrf)}
          <input type="hidden" name="next" value="${action}" />
          <button type="submit">Sign out</button>
        </form>`
  }
}

export function joinedPage(workspaceName: string): Page {
  return {
    title: `You are in ${workspaceName}`,
    body: html`<h1>You are in ${workspaceName}</h1>
      <p>Your sign-in now opens this workspace too.</p>`,
  }
}
