/** Members with an authenticator app, written here from RFC 4226 and RFC 6238 alone. */
import { createHmac } from "node:crypto"
import type { TestBrowser } from "./browser.ts"
import { callFrom, ownerPassword } from "./members.ts"

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
const stepMs = 30_000

function fromBase32(text: string): Buffer {
  let bits = ""
  for (const letter of text) bits += alphabet.indexOf(letter).toString(2).padStart(5, "0")
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
}

/** @param step 0: now; 1: the next one, which is taken as well; 2 and above: not yet */
export function totp(uri: string, step = 0): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / stepMs) + step))
  const key = fromBase32(new URL(uri).searchParams.get("secret") ?? "")
  const mac = createHmac("sha1", key).update(counter).digest()
  const number = mac.readUInt32BE((mac.at(-1) ?? 0) & 15) & 0x7f_ff_ff_ff
  return String(number % 1_000_000).padStart(6, "0")
}

/** Ends when there is room before the next half minute: codes made now are not outlived by a slow test. */
export async function earlyInStep(): Promise<void> {
  const rest = stepMs - (Date.now() % stepMs)
  if (rest < 8_000) await new Promise((resolve) => setTimeout(resolve, rest + 50))
}

export interface SecondFactor {
  readonly totpURI: string
  readonly backupCodes: readonly string[]
}

/** Through the account's own calls: prepared with the password, turned on with the code of the step before. */
export async function turnOn(
  browser: TestBrowser,
  url: string,
  password = ownerPassword,
): Promise<SecondFactor> {
  const prepared = await callFrom<SecondFactor>(browser, url, "POST", "/api/auth/two-factor/enable", {
    password,
  })
  const confirmed = await callFrom(browser, url, "POST", "/api/auth/two-factor/confirm", {
    code: totp(prepared.body.totpURI, -1),
  })
  if (confirmed.status !== 200) throw new Error(`not turned on: ${JSON.stringify(confirmed.body)}`)
  keepCookiesOf(browser, confirmed.headers)
  return prepared.body
}

/** What a page's own call leaves in the browser. */
export function keepCookiesOf(browser: TestBrowser, headers: Headers): void {
  for (const line of headers.getSetCookie()) {
    const [pair = ""] = line.split(";")
    const at = pair.indexOf("=")
    browser.cookies.set(pair.slice(0, at), pair.slice(at + 1))
  }
}
