/** What the forms of several pages are made of. */
import { html, type Html } from "./html.ts"

export function csrfInput(token: string): Html {
  return html`<input type="hidden" name="csrf" value="${token}" />`
}

export function problemText(problem: string | null): Html {
  return html`${problem !== null && html`<p class="problem" role="alert">${problem}</p>`}`
}

export function textField(
  name: string,
  label: string,
  options: {
    readonly type?: "text" | "email"
    readonly value?: string
    readonly autocomplete: string
    readonly required?: boolean
  },
): Html {
  return html`<div class="field">
    <label for="${name}">${label}</label>
    <input
      id="${name}"
      name="${name}"
      type="${options.type ?? "text"}"
      value="${options.value ?? ""}"
      autocomplete="${options.autocomplete}"
      ${options.required !== false && html`required`}
      spellcheck="false"
    />
  </div>`
}

/** @param autocomplete tells password managers whether to fill in or to make one */
export function passwordField(
  autocomplete: "current-password" | "new-password",
  { label = "Password", required = true } = {},
): Html {
  const isNew = autocomplete === "new-password"
  return html`<div class="field">
    <label for="password">${label}</label>
    <input
      id="password"
      name="password"
      type="password"
      autocomplete="${autocomplete}"
      maxlength="128"
      ${isNew && html`minlength="8" aria-describedby="password-hint"`}
      ${required && html`required`}
    />
    ${isNew && html`<span class="hint" id="password-hint">8 to 128 characters</span>`}
  </div>`
}
