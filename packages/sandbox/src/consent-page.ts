/** The page on which a test account decides. */
import type { Markup } from "./html.ts"
import { markup, page } from "./html.ts"
import { htmlReply } from "./reply.ts"
import type { Reply } from "./reply.ts"
import type { AskedPart, AuthorizationRefusal } from "./service-profile.ts"
import type { Service } from "./service.ts"
import { scopeMeaning } from "./service.ts"
import { testAccounts } from "./test-accounts.ts"

export interface ConsentPageFacts {
  readonly service: Service
  readonly clientId: string
  readonly redirectUri: string
  readonly parts: readonly AskedPart[]
  /** The authorization request's query, which the forms send along. */
  readonly query: string
  readonly loginHint: string | null
}

export function consentPage(facts: ConsentPageFacts): Reply {
  const name = facts.service.definition.displayName
  const content = markup`<p class="soft">Provider sandbox: nothing here reaches the real ${name}.</p>
    <h1>${facts.clientId} wants to use your ${name} account</h1>
    <p class="soft">You return to <code>${new URL(facts.redirectUri).origin}</code> afterwards.</p>
    <form method="post" action="${facts.query}">
      <input type="hidden" name="decision" value="approve" />
      <fieldset>
        <legend>Account</legend>
        ${accountChoices(facts.loginHint)}
      </fieldset>
      ${scopeChoices(facts)}
      <button type="submit">Allow</button>
    </form>
    <form method="post" action="${facts.query}">
      <input type="hidden" name="decision" value="deny" />
      <button type="submit" class="plain">Deny</button>
    </form>`
  return htmlReply(200, page(`${name} sandbox: allow access?`, content))
}

function accountChoices(loginHint: string | null): Markup[] {
  const chosen = testAccounts.some((account) => account.email === loginHint)
    ? loginHint
    : testAccounts[0]?.email
  return testAccounts.map(({ email, name }) => {
    const checked = { html: email === chosen ? " checked" : "" }
    return markup`<label>
      <input type="radio" name="account" value="${email}"${checked} />
      <span>${name}<br /><span class="soft">${email}</span></span>
    </label>`
  })
}

function scopeChoices(facts: ConsentPageFacts): Markup {
  const choices = facts.parts.flatMap(({ part, scopes }) =>
    scopes.map((scope) => scopeChoice(facts.service, part, scope)),
  )
  if (choices.length === 0) return markup`<p>It asks for no particular permissions.</p>`
  return markup`<fieldset>
    <legend>It may</legend>
    ${choices}
  </fieldset>`
}

function scopeChoice(service: Service, part: string, scope: string): Markup {
  const meaning = scopeMeaning(service, scope)
  const words =
    meaning === null
      ? markup`<code>${scope}</code>`
      : markup`${meaning}<br /><code class="soft">${scope}</code>`
  return markup`<label>
    <input type="checkbox" name="${scopeField(part)}" value="${scope}" checked />
    <span>${words}</span>
  </label>`
}

/** Name of the checkboxes of one part. */
export function scopeField(part: string): string {
  return part === "main" ? "scope" : `scope_${part}`
}

export interface RefusalPageFacts {
  readonly service: Service
  readonly refusal: AuthorizationRefusal
  readonly clientId: string | null
  readonly redirectUri: string | null
}

export function refusalPage(facts: RefusalPageFacts): Reply {
  const { service, refusal } = facts
  const name = service.definition.displayName
  const content = markup`<p class="soft">Provider sandbox: nothing here reaches the real ${name}.</p>
    <h1 class="bad">${name} refuses this request</h1>
    <p><code>${refusal.error}</code></p>
    <p>${refusal.description}</p>
    <dl>
      <dt>client_id</dt>
      <dd><code>${facts.clientId ?? "(none)"}</code></dd>
      <dt>redirect_uri</dt>
      <dd><code>${facts.redirectUri ?? "(none)"}</code></dd>
    </dl>`
  return htmlReply(400, page(`${name} sandbox: ${refusal.error}`, content))
}
