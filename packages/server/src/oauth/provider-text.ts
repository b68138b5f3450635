/** Makes a provider's words fit to be shown: they may echo what was sent to them. */

const secretLike = /[A-Za-z0-9._~+/=-]{25,}/g
const controlCharacters = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu

/** Removes control characters and anything that looks like a token, and cuts to `maxLength` characters. */
export function scrubProviderText(text: string, maxLength: number): string {
  const scrubbed = text
    .replace(controlCharacters, " ")
    .replace(secretLike, (match) => (isPlainWord(match) ? match : "…"))
    .trim()
  return scrubbed.length > maxLength ? `${scrubbed.slice(0, maxLength - 1)}…` : scrubbed
}

/** Long error codes (`incorrect_client_credentials`) and host names stay readable; a mix of digits and cases does not. */
function isPlainWord(text: string): boolean {
  return /^[a-z]+([_.-][a-z]+)*$/i.test(text) && !(/[a-z][A-Z]/.test(text) && /[A-Z]{2}/.test(text))
}
