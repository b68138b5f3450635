import { existsSync } from "node:fs"

/** Keeps it off the network and lets it run as root, as it does in containers. */
export const chromiumArguments: string[] = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
]

/** @throws when this machine has no Chromium: browser tests that did not run must not look as if they had passed */
export function findChromium(): string {
  const asked = process.env["CHROMIUM_PATH"]
  const found = ["/usr/bin/chromium", asked].find((path) => path !== undefined && existsSync(path))
  if (found !== undefined) return found
  const where =
    asked === undefined ? "CHROMIUM_PATH is not set" : `CHROMIUM_PATH names ${asked}, which does not exist`
  throw new Error(
    `No Chromium on this machine: there is no /usr/bin/chromium, and ${where}. Browser tests need one.`,
  )
}
