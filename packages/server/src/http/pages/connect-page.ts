/** The pages of one authorization: connect, replace, done, failed. */
import type {
  ConfirmAccount,
  Connected,
  ConnectPage,
  VerifyUser,
  WayBack,
} from "../../authorization/index.ts"
import type { GrantryError } from "../../errors.ts"
import { backLink, type BackToApp } from "./back-to-app.ts"
import { html, type Html } from "./html.ts"
import type { Page } from "./layout.ts"

/** @param problem what was wrong with the values given before */
export function connectPage(
  page: ConnectPage,
  csrf: string,
  formTargets: readonly string[],
  problem: string | null,
): Page {
  const { appName, askedBy, attemptId, fields, isForUser, redirectUri, sandbox, scopes, serviceName } = page
  return {
    title: `Connect ${serviceName} to ${appName}`,
    formTargets,
    keepsOpener: true,
    status: problem === null ? 200 : 400,
    body: html`<h1>Connect ${serviceName} to ${appName}</h1>
      <dl>
        <dt>App</dt>
        <dd>${appName}</dd>
        <dt>Service</dt>
        <dd>${serviceName}</dd>
        <dt>${isForUser ? "For" : "Asked by"}</dt>
        <dd>${askedBy}</dd>
      </dl>
      ${isForUser ? userWarning(appName, askedBy) : colleagueWarning(askedBy)}
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

function colleagueWarning(askedBy: string): Html {
  return html`<p>
    Only go on if <strong>${askedBy}</strong> is you or a colleague you expected this from: the account you
    choose next will work for that person's app.
  </p>`
}

function userWarning(appName: string, askedBy: string): Html {
  return html`<p>
    Only go on if you are <strong>${askedBy}</strong> in ${appName}: whoever that is will act with the account
    you choose next. If somebody else sent you this link, close this page.
  </p>`
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

export function replacePage(question: ConfirmAccount, csrf: string): Page {
  const { appName, attemptId, newAccount, oldAccount, serviceName } = question
  return {
    title: `Replace the ${serviceName} account?`,
    formTargets: [],
    keepsOpener: true,
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

export function connectedPage({ accountLabel, appName, back, serviceName }: Connected): Page {
  const toApp = back && leaving(back)
  return {
    title: `${serviceName} is connected`,
    keepsOpener: true,
    back: toApp,
    body: html`<h1>${serviceName} is connected</h1>
      <p>
        ${appName} can now use
        ${accountLabel === null ? html`this account` : html`<strong>${accountLabel}</strong>`}.
        ${toApp ? null : "You can close this window."}
      </p>
      ${toApp && backLink(toApp, `Back to ${appName}`)}`,
  }
}

/** Nothing is connected yet: the app's own page ends it. */
export function verifyPage({ appName, back, serviceName }: VerifyUser): Page {
  const toApp = leaving(back)
  return {
    title: `Back to ${appName}`,
    keepsOpener: true,
    back: toApp,
    body: html`<h1>One step more</h1>
      <p>${appName} connects ${serviceName} as soon as you are back there. Go on within two minutes.</p>
      ${backLink(toApp, `Back to ${appName}`)}`,
  }
}

function leaving(way: WayBack): BackToApp {
  return { way, leaves: true }
}

/**
 * Why nothing was connected: the provider's own words, the redirect URI that was sent, and what to do. It stays until
 * the person has read it; the app is told meanwhile.
 */
export function failedPage(error: GrantryError, requestId: string, way: WayBack | null = null): Page {
  const sent = error.details.body?.["redirect_uri"]
  const toApp = way && { way, leaves: false }
  return {
    title: "Nothing was connected",
    status: error.status,
    keepsOpener: true,
    back: toApp,
    body: html`<h1>Nothing was connected</h1>
      <p>${error.message}</p>
      ${
        typeof sent === "string" &&
        html`<h2>The redirect URI that was sent</h2>
          <pre>${sent}</pre>`
      }
      ${toApp && backLink(toApp, "Back to the app")}
      <p class="fine">
        Code <a href="/errors/${error.code}">${error.code}</a>, request <code>${requestId}</code>.
        ${toApp ? null : "You can close this window."}
      </p>`,
  }
}
