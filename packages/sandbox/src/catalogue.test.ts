/** Every entry of the catalogue is driven by its own data, and the catalogue reads what the sandbox answers. */
import { builtInDefinitions, missingScopes } from "@grantry/catalog"
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import type { Granted } from "../test-support/catalogue-client.ts"
import {
  accounts,
  askedConfig,
  askedScopes,
  exchange,
  place,
  refresh,
  revoke,
  sendsSecret,
  sendToken,
  wireAuthorization,
} from "../test-support/catalogue-client.ts"
import { startDriver } from "../test-support/driver.ts"
import type { Driver } from "../test-support/driver.ts"

let driver: Driver
beforeAll(async () => {
  driver = await startDriver()
})
beforeEach(() => driver.control("reset", {}))
afterAll(() => driver.close())

/** Installations are named by an id that stays the same, so that their "codes" are no codes. */
const withoutCodes = new Set(["wix"])

describe.each(builtInDefinitions.map((definition) => [definition.type, definition] as const))(
  "%s",
  (type, definition) => {
    async function granted(): Promise<{ readonly read: Granted; readonly config: Record<string, string> }> {
      const { config, read } = await exchange(driver, definition)
      if (read.kind !== "granted") throw new Error(`not granted: ${JSON.stringify(read)}`)
      // Some tokens refresh themselves, and not before they are a day old.
      if (definition.refresh?.requiresLiveToken === true) {
        driver.clock.advance((definition.refresh.dueAfterS ?? 0) * 1000)
      }
      return { read, config: { ...config } }
    }

    it("grants what was asked for, and a code once", async () => {
      const { read, fields, config } = await exchange(driver, definition)
      expect(read).toMatchObject({ kind: "granted", accessToken: expect.any(String) })
      if (read.kind === "granted" && read.scopes)
        expect(missingScopes(definition, askedScopes(definition), read.scopes)).toEqual([])
      if (withoutCodes.has(type)) return
      const again = await sendToken(driver, definition, fields, { phase: "exchange", config })
      expect(again).toMatchObject({ refusal: "invalid_grant" })
    })

    it("names one account, by the token answer as by its identity endpoint", async () => {
      const { read, config } = await granted()
      const { byRequest, byToken } = await accounts(driver, definition, read, config)
      expect(byToken ?? byRequest).toEqual({ id: expect.any(String), label: expect.any(String) })
      if (byToken && byRequest) expect(byRequest.id).toBe(byToken.id)
    })

    it("says its faults in words that the catalogue understands", async () => {
      const { config, read } = await granted()
      const token = read.refreshToken
      if (token === undefined) return
      const fail = async (fault: string) => {
        await driver.control("faults", { type, fault })
        return refresh(driver, definition, token, { config })
      }
      expect(await fail("invalid_grant")).toMatchObject({ kind: "refused", refusal: "invalid_grant" })
      expect(await fail("wrong_client")).toMatchObject({ kind: "refused", refusal: "invalid_client" })
      expect(await fail("rate_limited")).toMatchObject({ refusal: "rate_limited" })
      expect(await fail("5xx_then_ok")).not.toMatchObject({ refusal: "invalid_grant" })
      expect(await fail("garbage")).toMatchObject({ kind: "unreadable" })
      expect(await refresh(driver, definition, token, { config })).toMatchObject({ kind: "granted" })
      expect(await fail("refresh_reuse")).toMatchObject({ kind: "refused", refusal: "invalid_grant" })
    })

    it("knows a wrong secret from a dead grant", async () => {
      const { config, read } = await granted()
      const token = read.refreshToken
      if (token === undefined || !sendsSecret(definition, "refresh", config)) return
      expect(await refresh(driver, definition, token, { config, secret: "wrong" })).toMatchObject({
        refusal: "invalid_client",
      })
      expect(await refresh(driver, definition, token, { config })).toMatchObject({ kind: "granted" })
    })

    it("lets a refresh token lapse that nobody uses, where its entry says so, and keeps one that is used", async () => {
      const idleMs = (definition.refresh?.idleLifetimeS ?? 0) * 1000
      const { config, read } = await granted()
      if (idleMs === 0 || read.refreshToken === undefined) return
      let token = read.refreshToken
      for (let use = 0; use < 3; use += 1) {
        driver.clock.advance(0.75 * idleMs)
        const renewed = await refresh(driver, definition, token, { config })
        expect(renewed).toMatchObject({ kind: "granted" })
        if (renewed.kind === "granted") token = renewed.refreshToken ?? token
      }
      driver.clock.advance(idleMs)
      expect(await refresh(driver, definition, token, { config })).toMatchObject({
        kind: "refused",
        refusal: "invalid_grant",
      })
    })

    it("takes no expired token at its identity endpoint", async () => {
      const lifetimeS = definition.token.lifetimeS
      const { config, read } = await granted()
      if (lifetimeS === null || !definition.identity.request) return
      driver.clock.advance(lifetimeS * 1000)
      expect((await accounts(driver, definition, read, config)).byRequest).toBeNull()
    })

    it("revokes as its entry says, and once", async () => {
      const { config, read } = await granted()
      if (!definition.revocation) return
      expect(await revoke(driver, definition, read, config)).toBe("ended")
      // RFC 7009 section 2.2: a dead token is no error, so that both answers look alike.
      const again = definition.revocation.alreadyDead.length > 0 ? "already_dead" : "ended"
      expect(await revoke(driver, definition, read, config)).toBe(again)
    })

    it("refuses an authorization request for another provider's client", async () => {
      const other = type === "dropbox" ? "sandbox-notion" : "sandbox-dropbox"
      const url = driver.at(type, place(definition, definition.authorize.url, askedConfig(definition)))
      for (const [name, value] of Object.entries(wireAuthorization(definition, { client_id: other })))
        url.searchParams.set(name, value)
      const page = await fetch(url, { redirect: "manual" })
      expect([page.status, page.headers.get("location")]).toEqual([400, null])
    })
  },
)
