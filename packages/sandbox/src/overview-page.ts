/** A page for people: what is emulated, who consented, which faults wait. */
import type { Markup } from "./html.ts"
import { markup, page } from "./html.ts"
import type { Reply } from "./reply.ts"
import { htmlReply } from "./reply.ts"
import type { Sandbox } from "./sandbox.ts"
import type { SandboxView } from "./sandbox-view.ts"
import { sandboxView } from "./sandbox-view.ts"

export function overviewPage(sandbox: Sandbox): Reply {
  const view = sandboxView(sandbox)
  const content = markup`<h1>Provider sandbox</h1>
    <p>Emulates ${view.services.length} services. Nothing here reaches a real provider.</p>
    <p>Clock: <time datetime="${view.clock.now}">${view.clock.now}</time></p>
    <h2>Grants</h2>
    ${grants(view)}
    <h2>Faults that wait</h2>
    ${faults(view)}
    <h2>Services</h2>
    ${services(sandbox)}`
  return htmlReply(200, page("Provider sandbox", content, true))
}

function table(heads: readonly string[], rows: readonly Markup[]): Markup {
  return markup`<div class="scroll" tabindex="0" role="region" aria-label="${heads.join(", ")}">
    <table>
      <thead>
        <tr>
          ${heads.map((head) => markup`<th scope="col">${head}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`
}

function grants(view: SandboxView): Markup {
  if (view.grants.length === 0) return markup`<p class="soft">Nobody has consented yet.</p>`
  const rows = view.grants.slice(-200).map(
    (grant) =>
      markup`<tr>
        <td>${grant.type}</td>
        <td>${grant.account}</td>
        <td>${grant.client_id}</td>
        <td>${grant.status}</td>
        <td>${grant.scopes.join(" ")}</td>
      </tr>`,
  )
  return table(["Service", "Account", "Client", "Status", "Scopes"], rows)
}

function faults(view: SandboxView): Markup {
  if (view.faults.length === 0) return markup`<p class="soft">None.</p>`
  const rows = view.faults.map(
    (fault) =>
      markup`<tr>
        <td>${fault.type}</td>
        <td>${fault.fault}</td>
        <td>${fault.times ?? "until reset"}</td>
      </tr>`,
  )
  return table(["Service", "Fault", "Times"], rows)
}

function services(sandbox: Sandbox): Markup {
  const rows = [...sandbox.services.values()].map(
    ({ definition }) =>
      markup`<tr>
        <td>${definition.displayName}</td>
        <td><code>${definition.type}</code></td>
        <td><code>${definition.authorize.url}</code></td>
      </tr>`,
  )
  return table(["Service", "Type", "Emulates"], rows)
}
