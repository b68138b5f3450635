/** Every secret that this test file's servers were given, gave out or were shown: none may be found in a sink. */

/** Shorter ones are found by chance. */
export const shortestCanary = 12

const planted = new Map<string, string>()
const plain = new Set<string>()

/** @param what e.g. `refresh_token`; the failure names it, never the value */
export function plant(what: string, value: string): void {
  if (value.length >= shortestCanary && !planted.has(value) && !plain.has(value)) planted.set(value, what)
}

/** For text that a test puts everywhere, also where secrets belong. */
export function neverPlant(values: Iterable<string>): void {
  for (const value of values) plain.add(value)
}

export const plantedSecrets = (): ReadonlyMap<string, string> => planted

const secretNames = /KEY|SECRET|PASSWORD|TOKEN/

/** What an operator hands over by environment variables. */
export function plantEnvironment(env: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(env)) {
    if (!secretNames.test(name)) continue
    if (name === "GRANTRY_MASTER_KEY") plantMasterKeys(value)
    else plant(name, value)
  }
}

/** @param text a comma list of `id:base64`, or of `id:service:address`, which is no secret */
export function plantMasterKeys(text: string): void {
  for (const key of text.split(",")) {
    const [, secret = "", address] = key.trim().split(":")
    if (address === undefined) plant("master key", secret)
  }
}
