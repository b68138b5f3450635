/**
 * @returns the address without its trailing slashes
 * @throws TypeError, which does not repeat the address: it may hold a password
 */
export function checkServerUrl(serverUrl: string): string {
  if (/^https?:\/\/[^\s?#@]+$/i.test(serverUrl) && URL.canParse(serverUrl))
    return serverUrl.replace(/\/+$/, "")
  throw new TypeError(
    "serverUrl must be the http(s) address of your Grantry server, without credentials, query or fragment",
  )
}
