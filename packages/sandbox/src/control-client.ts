/** Registers an OAuth client at an emulated provider, or changes what is switched on for one. */
import { randomBytes } from "node:crypto"
import { knownType } from "./known-type.ts"
import { controlInput, ControlInputError, optionalText, optionalTexts } from "./control-input.ts"
import type { OauthClient, SettingFact, SettingValue } from "./oauth-client.ts"
import { sandboxClient } from "./oauth-client.ts"
import type { Sandbox } from "./sandbox.ts"
import { initialSettings } from "./sandbox.ts"
import type { Service } from "./service.ts"

/** Without `client_id` it is the type's own client. */
export function setClient(sandbox: Sandbox, body: unknown): unknown {
  const input = controlInput(body, ["type", "client_id", "client_secret", "redirect_uris", "settings"])
  const type = knownType(sandbox, input)
  const service = sandbox.services.get(type)
  if (!service) throw new ControlInputError("type is not emulated.")
  const clientId = optionalText(input, "client_id") ?? sandboxClient(type).clientId
  const existing = sandbox.clients.get(clientId)
  if (existing && existing.realm !== service.realm) {
    throw new ControlInputError("client_id must be one that no other provider uses.")
  }
  const base = existing ?? newClient(service, clientId)
  const client: OauthClient = {
    ...base,
    clientSecret: optionalText(input, "client_secret") ?? base.clientSecret,
    redirectUris:
      input["redirect_uris"] === undefined ? base.redirectUris : optionalTexts(input, "redirect_uris"),
    settings: { ...base.settings, ...readSettings(service, input["settings"]) },
  }
  sandbox.clients.set(clientId, client)
  sandbox.store.changed()
  const answer = { client_id: clientId, type, redirect_uris: client.redirectUris, settings: client.settings }
  return existing ? answer : { ...answer, client_secret: client.clientSecret }
}

function newClient(service: Service, clientId: string): OauthClient {
  const clientSecret = randomBytes(24).toString("base64url")
  return {
    clientId,
    clientSecret,
    realm: service.realm,
    redirectUris: null,
    settings: initialSettings(service),
  }
}

function readSettings(service: Service, value: unknown): Record<string, SettingValue> {
  if (value === undefined) return {}
  if (typeof value !== "object" || value === null) throw new ControlInputError("settings must be an object.")
  const facts = service.profile.settings
  return Object.fromEntries(
    Object.entries(value).map(([name, setting]) => {
      const fact = Object.hasOwn(facts, name) ? facts[name] : undefined
      if (!fact) throw new ControlInputError(`settings may hold ${Object.keys(facts).join(", ")}.`)
      return [name, readSetting(name, fact, setting)]
    }),
  )
}

function readSetting(name: string, fact: SettingFact, value: unknown): SettingValue {
  if (fact.kind === "switch") {
    if (typeof value === "boolean") return value
    throw new ControlInputError(`settings.${name} must be true or false.`)
  }
  if (value === null) return null
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 1e10) return value
  throw new ControlInputError(`settings.${name} must be a whole number of at least 0, or null.`)
}
