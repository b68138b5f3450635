/** The first minutes of a new server: one click for the keys, then two commands to a token. */
import type { FirstKeys } from "../../workspace/first-keys.ts"
import { passwordField, problemText, textField } from "./form-parts.ts"
import { html } from "./html.ts"
import type { Page } from "./layout.ts"

export interface StartPage {
  readonly secret: string
  /** Empty while the owner has none to sign in with. */
  readonly email: string
  readonly problem: string | null
}

export function startPage({ email, problem, secret }: StartPage): Page {
  return {
    title: "Welcome to Grantry",
    formTargets: [],
    status: problem === null ? 200 : 400,
    body: html`<h1>Welcome to Grantry</h1>
      <p>
        This link works once. It makes your first app, an API key to manage it and a service key for its
        backend code, shows both keys a single time, and signs you in.
      </p>
      <form method="post" action="/start/${secret}">
        ${problemText(problem)}
        <p>Choose what you sign in with later; without a password the keys are all you have.</p>
        ${textField("email", "E-mail address", { type: "email", value: email, autocomplete: "username", required: false })}
        ${passwordField("new-password", { required: false })}
        <button type="submit">Make my first app and keys</button>
      </form>`,
  }
}

/** @param type the connector type of the example commands */
export function firstKeysPage(publicUrl: string, keys: FirstKeys, type: string): Page {
  return {
    title: "Your keys",
    body: html`<h1>Your keys</h1>
      <p>Copy them now: they are not shown again.</p>
      <dl>
        <dt>App</dt>
        <dd><code>${keys.appId}</code></dd>
        <dt>API key</dt>
        <dd><code>${keys.apiKey}</code></dd>
        <dt>Service key</dt>
        <dd><code>${keys.serviceKey}</code></dd>
      </dl>
      <p><a class="button" href="/">Go on in the dashboard</a></p>
      <h2>Or in a terminal: connect an account</h2>
      <p>Run this and open the <code>redirect_url</code> of the answer:</p>
      <pre>
curl -X POST ${publicUrl}/api/apps/${keys.appId}/external-auth/initiate -H 'api_key: ${keys.apiKey}' -H 'content-type: application/json' -d '{"integration_type":"${type}"}'</pre>
      <h2>… and fetch its token</h2>
      <pre>
curl ${publicUrl}/api/apps/${keys.appId}/external-auth/tokens/${type} -H 'authorization: Bearer ${keys.serviceKey}'</pre>
      <p class="fine">
        In backend code:
        <code
          >createClient({ serverUrl, appId, serviceToken
          }).asServiceRole.connectors.getConnection("${type}")</code
        >
      </p>`,
  }
}

export function startLinkOverPage(): Page {
  return {
    title: "This link is used up",
    status: 410,
    body: html`<h1>This link is used up</h1>
      <p>
        The first keys were made with it. If they were lost, start the server with GRANTRY_BOOTSTRAP_API_KEY
        set to a key of your own.
      </p>`,
  }
}
