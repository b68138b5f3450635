import { setTimeout as sleep } from "node:timers/promises"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { type Answer, call, createApp, fetchToken, type TestApp, type TokenBody } from "../harness/api.ts"
import { consent, initiate } from "../harness/connect.ts"
import { type Replicas, startReplicas } from "../harness/replicas.ts"
import { callProvider, requestsTo, setClient, setFault } from "../harness/sandbox.ts"
import type { DatabaseKind } from "../harness/server.ts"
import { testCatalog } from "../harness/test-catalog.ts"
import { printedSeed, seededRandom } from "../storage/fixtures.ts"

const hourMs = 3_600_000
const rounds = 200
const type = "rotating"
const kinds = ["refresh", "disconnect", "reconnect", "both"] as const
const api = "https://rotating.example.com/api"

const settings: readonly { readonly database: DatabaseKind; readonly count: number }[] = [
  { database: "sqlite", count: 1 },
  { database: "postgres", count: 2 },
]

describe.each(settings)(
  "refresh, disconnect and reconnect at once, $count on $database",
  ({ count, database }) => {
    let replicas: Replicas
    let app: TestApp
    beforeAll(async () => {
      replicas = await startReplicas({ database, count, catalog: testCatalog })
      app = await createApp(replicas.first.url)
      await setClient(replicas.sandbox, type, { reuse_ends_grant: true })
    })
    afterAll(() => replicas.destroy())

    const urls = () => replicas.servers.map(({ url }) => url)

    async function connect(url: string): Promise<void> {
      const begun = await initiate(url, app, type, { force_reconnect: true })
      const page = await consent(begun.redirect_url ?? "")
      expect(page.status, page.html).toBe(200)
    }

    test(`${rounds} rounds: a caller gets a living token or a plain no, and the last word stands in every replica`, async () => {
      const seed = printedSeed(`refresh races on ${database}`)
      const next = seededRandom(seed)
      const below = (end: number): number => Math.floor(next() * end)
      const anyUrl = (): string => urls()[below(count)] ?? ""
      for (let round = 0; round < rounds; round += 1) {
        const what = `seed ${seed}, round ${round}`
        await connect(anyUrl())
        await replicas.moveClock(2 * hourMs)
        await setFault(replicas.sandbox, type, "slow", { endpoint: "refresh", delay_ms: below(15) })
        const kind = kinds[below(kinds.length)] ?? "refresh"

        const callers: Promise<Answer<TokenBody>>[] = Array.from({ length: 6 }, () =>
          fetchToken(anyUrl(), app, type),
        )
        const changes: Promise<void>[] = []
        await sleep(below(25))
        if (kind === "disconnect" || kind === "both")
          changes.push(disconnectAndAsk(anyUrl(), kind === "disconnect", what))
        if (kind === "both") await sleep(below(5))
        if (kind === "reconnect" || kind === "both") changes.push(connect(anyUrl()))
        const answers = await Promise.all(callers)
        await Promise.all(changes)

        for (const { body, status } of answers) {
          const isPlain = status === 200 || (status === 404 && kind !== "refresh" && kind !== "reconnect")
          expect(isPlain, `${what} (${kind}): ${status} ${body.detail}`).toBe(true)
        }
        await expectLastWord(kind, what)
      }
      const reused = (await requestsTo(replicas.sandbox, type, "refresh")).filter(
        ({ outcome }) => outcome === "refresh_token_reused",
      )
      expect(reused).toEqual([])
    })

    /** From the moment that it has answered, no replica gives the token out, whatever is in flight. */
    async function disconnectAndAsk(url: string, alone: boolean, what: string): Promise<void> {
      const path = `/api/apps/${app.id}/external-auth/integrations/${type}`
      expect((await call(url, "DELETE", path)).status, what).toBe(200)
      if (!alone) return
      for (const other of urls()) expect((await fetchToken(other, app, type)).status, what).toBe(404)
    }

    async function expectLastWord(kind: string, what: string): Promise<void> {
      const last = await Promise.all(urls().map((url) => fetchToken(url, app, type)))
      const [first] = last
      expect(new Set(last.map(({ status }) => status)).size, what).toBe(1)
      if (kind === "disconnect") return expect(first?.status, what).toBe(404)
      // Whether the disconnect or the consent came last is a matter of chance.
      if (kind === "both" && first?.status === 404) return
      expect(first?.status, what).toBe(200)
      expect(await callProvider(replicas.sandbox, type, api, first?.body.access_token ?? ""), what).toBe(200)
    }
  },
  120_000,
)
