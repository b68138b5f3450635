/** Takes our own secrets out of a provider's words: an error that echoes the request must not be shown, stored or logged. */

/** Shorter values guard nothing, and replacing them everywhere would garble the text. */
const shortest = 6

/** @param secrets what was sent; null where there was none */
export function hideSecrets(text: string, secrets: readonly (string | null)[]): string {
  let hidden = text
  for (const form of secrets.flatMap(writtenForms).sort((a, b) => b.length - a.length))
    hidden = hidden.replaceAll(form, "…")
  return hidden
}

/** As it is, form-encoded and percent-encoded: an echo may quote the request's body or its URL. */
function writtenForms(secret: string | null): string[] {
  if (secret === null || secret.length < shortest) return []
  const encoded = new URLSearchParams({ s: secret }).toString().slice(2)
  return [...new Set([secret, encoded, encoded.replaceAll("+", "%20")])]
}
