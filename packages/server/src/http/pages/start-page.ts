/** The first minutes of a new server: one click for the keys, then two commands to a token. */
import type { FirstKeys } from "../../workspace/first-keys.ts"
import { html } from "./html.ts"
import type { Page } from "./layout.ts"

export function startPage(secret: string): Page {
  return {
    title: "Welcome to Grantry",
    formTargets: [],
    body: html`<h1>Welcome to Grantry</h1>
      <p>
        This link works once. It makes your first app, an API key to manage it and a service key for its
        backend code, and shows both keys a single time.
      </p>
      <form method="post" action="/start/${secret}">
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
      <h2>1. Connect an account</h2>
      <p>Run this and open the <code>redirect_url</code> of the answer:</p>
      <pre>
curl -X POST ${publicUrl}/api/apps/${keys.appId}/external-auth/initiate -H 'api_key: ${keys.apiKey}' -H 'content-type: application/json' -d '{"integration_type":"${type}"}'</pre>
      <h2>2. Fetch its token</h2>
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
