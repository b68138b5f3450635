/** What the server wrote into the page. */

function meta(selector: string): HTMLMetaElement | null {
  return document.querySelector<HTMLMetaElement>(`meta[${selector}]`)
}

/** Without it the content security policy refuses every `<style>` element. */
export const styleNonce = meta('property="csp-nonce"')?.nonce ?? ""

/** The emulated providers are there: development. */
export const hasSandbox = meta('name="grantry-sandbox"')?.content === "on"

export const serverUrl = location.origin
