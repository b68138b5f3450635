/** The pages of one authorization: connect, replace, done, failed. */
import type { ConnectPage } from "../../authorization/index.ts"
import type { Completion } from "../../authorization/index.ts"
import type { GrantryError } from "../../errors.ts"
import { html, type Html } from "./html.ts"
import type { Page } from "./layout.ts"

/** @param problem what was wrong with the values given before */
export function connectPage(
  page: ConnectPage,
  csrf: string,
  formTargets: readonly string[],
  problem: string | null,
): Page {
  const { appName, askedBy, attemptId, fields, redirectUri, sandbox, scopes, serviceName } = page
  return {
    title: `Connect ${serviceName} to ${appName}`,
    formTargets,
    status: problem === null ? 200 : 400,
    body: html`<h1>Connect ${serviceName} to ${appName}</h1>
      <dl>
        <dt>App</dt>
        <dd>${appName}</dd>
        <dt>Service</dt>
        <dd>${serviceName}</dd>
        <dt>Asked by</dt>
        <dd>${askedBy}</dd>
      </dl>
      <p>
        Only go on if <strong>${askedBy}</strong> is you or a colleague you expected this from: the account
        you choose next will work for that person's app.
      </p>
      ${
        scopes.length > 0 &&
        html`<h2>${appName} asks for</h2>
          <ul>
            ${scopes.map(({ meaning, scope }) => html`<li title="${scope}">${meaning}</li>`)}
          </ul>`
      }
      ${sandbox && html`<p class="hint">This is the built-in sandbox: test accounts only, nothing leaves this machine.</p>`}
      <form method="post" action="/connect/${attemptId}">
        <input type="hidden" name="csrf" value="${csrf}" />
        ${problem !== null && html`<p class="problem" role="alert">${problem}</p>`} ${fields.map(configInput)}
        <button type="submit">Continue to ${serviceName}</button>
      </form>
      <p class="fine">
        If ${serviceName} complains about the redirect URI, register exactly this one there:<br /><code
          >${redirectUri}</code
        >
      </p>`,
  }
}

function configInput(field: ConnectPage["fields"][number]): Html {
  return html`<div class="field">
    <label for="config-${field.name}">${field.displayName}</label>
    <input
      id="config-${field.name}"
      name="config.${field.name}"
      value="${field.value}"
      placeholder="${field.placeholder}"
      ${field.required && html`required`}
      aria-describedby="hint-${field.name}"
      autocomplete="off"
      spellcheck="false"
    />
    <span class="hint" id="hint-${field.name}">${field.description}</span>
  </div>`
}

export function replacePage(
  completion: Extract<Completion, { kind: "confirm_account" }>,
  csrf: string,
): Page {
  const { appName, attemptId, newAccount, oldAccount, serviceName } = completion
  return {
    title: `Replace the ${serviceName} account?`,
    formTargets: [],
    body: html`<h1>Replace the ${serviceName} account?</h1>
      <p>${appName} is connected to another account. Until you answer, that one stays.</p>
      <dl>
        <dt>Now</dt>
        <dd>${oldAccount}</dd>
        <dt>New</dt>
        <dd>${newAccount}</dd>
      </dl>
      <form method="post" action="/connect/${attemptId}/replace">
        <input type="hidden" name="csrf" value="${csrf}" />
        <button type="submit" name="answer" value="replace">Replace ${oldAccount} by ${newAccount}</button>
        <button type="submit" name="answer" value="keep" class="second">Keep ${oldAccount}</button>
      </form>`,
  }
}

export function connectedPage({
  accountLabel,
  appName,
  serviceName,
}: Extract<Completion, { kind: "connected" }>): Page {
  return {
    title: `${serviceName} is connected`,
    body: html`<h1>${serviceName} is connected</h1>
      <p>
        ${appName} can now use
        ${accountLabel === null ? html`this account` : html`<strong>${accountLabel}</strong>`}. You can close
        this window.
      </p>`,
  }
}

/** Why nothing was connected: the provider's own words, the redirect URI that was sent, and what to do. */
export function failedPage(error: GrantryError, requestId: string): Page {
  const sent = error.details.body?.["redirect_uri"]
  return {
    title: "Nothing was connected",
    status: error.status,
    body: html`<h1>Nothing was connected</h1>
      <p>${error.message}</p>
      ${
        typeof sent === "string" &&
        html`<h2>The redirect URI that was sent</h2>
          <pre>${sent}</pre>`
      }
      <p class="fine">
        Code <a href="/errors/${error.code}">${error.code}</a>, request <code>${requestId}</code>. You can
        close this window.
      </p>`,
  }
}
