/** Opens a page in the person's browser; a browser that does not start is no failure, since the link is printed too. */
import { CliError } from "../cli-error.ts"

/** @throws CliError for an address that is no web page: a browser would hand it to any program */
export async function openBrowser(address: string): Promise<void> {
  if (!/^https?:$/.test(protocolOf(address)))
    throw new CliError(`The server named an address that is no web page: ${address}`, { code: "BAD_LINK" })
  const { default: open } = await import("open")
  const browser = await open(address)
  browser.on("error", () => undefined)
}

function protocolOf(address: string): string {
  return URL.canParse(address) ? new URL(address).protocol : ""
}
