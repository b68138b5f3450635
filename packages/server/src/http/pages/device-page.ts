/** A device login, looked at by the member who shall approve it. */
import type { Member } from "../../storage/stores/accounts.ts"
import { csrfInput, problemText, textField } from "./form-parts.ts"
import { html } from "./html.ts"
import type { Page } from "./layout.ts"

export interface CodeForm {
  readonly csrf: string
  readonly userCode: string
  readonly problem?: { readonly text: string; readonly status: number }
}

export function deviceCodePage({ csrf, problem, userCode }: CodeForm): Page {
  return {
    title: "Sign in a device",
    formTargets: [],
    status: problem?.status ?? 200,
    body: html`<h1>Sign in a device</h1>
      <p>Enter the code that your terminal shows.</p>
      <form method="post" action="/device">
        ${csrfInput(csrf)} ${problemText(problem?.text ?? null)}
        ${textField("user_code", "Code", { value: userCode, autocomplete: "off" })}
        <button type="submit">Continue</button>
      </form>`,
  }
}

export interface DeviceRequest {
  readonly clientName: string
  readonly address: string
  readonly askedAt: Date
  readonly scope: string
  readonly userCode: string
  readonly member: Pick<Member, "email" | "name">
}

export function deviceDecisionPage(asked: DeviceRequest, csrf: string): Page {
  const { address, askedAt, clientName, member, scope, userCode } = asked
  return {
    title: `Sign in ${clientName}?`,
    formTargets: [],
    body: html`<h1>Sign in ${clientName}?</h1>
      <p>
        Only approve it if you began this login yourself, just now, and your terminal shows the same code.
        Whoever holds that terminal can then do whatever you can do.
      </p>
      <dl>
        <dt>Code</dt>
        <dd>${userCode}</dd>
        <dt>Program</dt>
        <dd>${clientName}</dd>
        <dt>Asked from</dt>
        <dd>${address}</dd>
        <dt>Asked at</dt>
        <dd>${askedAt.toUTCString()}</dd>
        <dt>Asks for</dt>
        <dd>${scope === "" ? "nothing in particular" : scope}</dd>
        <dt>As</dt>
        <dd>${member.name} (${member.email})</dd>
      </dl>
      <form method="post" action="/device/decide">
        ${csrfInput(csrf)}
        <input type="hidden" name="user_code" value="${userCode}" />
        <button type="submit" name="answer" value="approve">Approve</button>
        <button type="submit" name="answer" value="deny" class="second">Deny</button>
      </form>`,
  }
}

export function deviceDecidedPage(clientName: string, isApproved: boolean): Page {
  const title = isApproved ? `${clientName} is signed in` : "The login was denied"
  const rest = isApproved
    ? "Go back to your terminal. You can close this window."
    : "The terminal gets nothing. You can close this window."
  return {
    title,
    body: html`<h1>${title}</h1>
      <p>${rest}</p>`,
  }
}
