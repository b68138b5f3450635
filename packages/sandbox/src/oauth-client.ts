/** OAuth clients as if they were registered at the emulated providers. */
export type SettingValue = boolean | number | null

/** What a person can switch in the provider's console for one OAuth client. */
export interface SettingFact {
  readonly initial: SettingValue
  readonly kind: "switch" | "seconds" | "count"
  readonly meaning: string
}

export interface OauthClient {
  readonly clientId: string
  readonly clientSecret: string
  /** Types of one family share their clients. */
  readonly realm: string
  /** null: any redirect URI is taken. */
  readonly redirectUris: readonly string[] | null
  readonly settings: Readonly<Record<string, SettingValue>>
}

/** The credentials that exist for a type from the start. */
export function sandboxClient(type: string): { readonly clientId: string; readonly clientSecret: string } {
  return { clientId: `sandbox-${type}`, clientSecret: `sandbox-secret-${type}` }
}

export function switchedOn(client: OauthClient, setting: string): boolean {
  return client.settings[setting] === true
}

/** A setting in seconds or a count; null where it is off. */
export function settingNumber(client: OauthClient, setting: string): number | null {
  const value = client.settings[setting]
  return typeof value === "number" ? value : null
}
