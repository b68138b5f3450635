import { once } from "node:events"
import type { ServerResponse } from "node:http"
import { gzipSync } from "node:zlib"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { type ConnectedApp, type FaultWorld, startFaultWorld } from "../harness/fault-world.ts"
import type { Exchange } from "../harness/rotating-provider.ts"
import { expectInvariants } from "./invariants.ts"

type Row = {
  readonly what: string
  readonly answer: (exchange: Exchange) => void | Promise<void>
  readonly words: RegExp
  /** Seconds of Retry-After; the first pause of our own unless told. */
  readonly retryAfterS?: readonly [number, number]
  /** The provider has spent the token: only its grace saves the grant. */
  readonly spends?: true
}

const json = { "content-type": "application/json" }

function reply(
  status: number,
  body: string | Buffer,
  headers: Readonly<Record<string, string>> = json,
): Row["answer"] {
  return ({ response }) => void response.writeHead(status, headers).end(body)
}

const retryAfter = (value: string): Row["answer"] =>
  reply(429, '{"error":"rate_limited"}', { ...json, "retry-after": value })

/** Two gigabytes, as fast as anybody takes them. */
async function flood(response: ServerResponse): Promise<void> {
  const chunk = Buffer.alloc(1 << 20, 0x20)
  response.writeHead(200, json)
  for (let megabytes = 0; megabytes < 2048 && !response.destroyed; megabytes += 1) {
    if (!response.write(chunk)) await Promise.race([once(response, "drain"), once(response, "close")])
  }
  response.end()
}

async function drip(response: ServerResponse): Promise<void> {
  response.writeHead(200, json)
  const timer = setInterval(() => response.write(" "), 300)
  response.write(" ")
  await once(response, "close")
  clearInterval(timer)
}

/** A gigabyte of blanks in a megabyte. */
const bomb = gzipSync(Buffer.alloc(256 << 20, 0x20), { level: 9 })

const rows: readonly Row[] = [
  { what: "500", answer: reply(500, '{"error":"server_error"}'), words: /server_error/ },
  {
    what: "503 that says invalid_grant",
    answer: reply(503, '{"error":"invalid_grant"}'),
    words: /invalid_grant/,
  },
  { what: "a refused connection", answer: ({ response }) => void response.destroy(), words: /./ },
  { what: "no answer at all", answer: () => undefined, words: /did not answer within 3000 ms/ },
  {
    what: "one byte after the other, slowly",
    answer: ({ response }) => drip(response),
    words: /within 3000 ms/,
  },
  { what: "garbage", answer: reply(200, "\u0000{]"), words: /not a JSON object/ },
  { what: "HTML", answer: reply(200, "<html>hello</html>", { "content-type": "text/html" }), words: /./ },
  {
    what: "an error inside a 200",
    answer: reply(200, '{"error":"temporarily_unavailable"}'),
    words: /temporarily/,
  },
  {
    what: "a token that is a number",
    answer: reply(200, '{"access_token":1,"token_type":"Bearer"}'),
    words: /./,
  },
  { what: "an empty token", answer: reply(200, '{"access_token":"","token_type":"Bearer"}'), words: /./ },
  { what: "two gigabytes", answer: ({ response }) => flood(response), words: /./ },
  {
    what: "a decompression bomb",
    answer: reply(200, bomb, { ...json, "content-encoding": "gzip" }),
    words: /./,
  },
  {
    what: "a redirect to where secrets are wanted",
    answer: reply(307, "", { location: "http://127.0.0.1:1/steal" }),
    words: /./,
  },
  {
    what: "an answer that is cut off after the token was spent, within grace",
    answer: ({ carryOut, response }) => {
      response.writeHead(200, { ...json, "content-length": "5000" })
      response.write(JSON.stringify(carryOut().body))
      setTimeout(() => response.destroy(), 50)
    },
    words: /./,
    spends: true,
  },
  { what: "429 in seconds", answer: retryAfter("120"), words: /rate_limited/, retryAfterS: [100, 120] },
  { what: "429 with no pause", answer: retryAfter("0"), words: /rate_limited/, retryAfterS: [1, 1] },
  {
    what: "429 until a date",
    answer: (exchange) => retryAfter(new Date(Date.now() + movedMs + 90_000).toUTCString())(exchange),
    words: /rate_limited/,
    retryAfterS: [60, 91],
  },
  {
    what: "429 until a date of long ago",
    answer: retryAfter("Wed, 21 Oct 2015 07:28:00 GMT"),
    words: /rate_limited/,
    retryAfterS: [1, 1],
  },
  {
    what: "429 for years",
    answer: retryAfter("999999999"),
    words: /rate_limited/,
    retryAfterS: [3_400, 3_600],
  },
  { what: "429 with a negative pause", answer: retryAfter("-5"), words: /rate_limited/ },
  { what: "429 with nonsense", answer: retryAfter("soon"), words: /rate_limited/ },
  { what: "429 without a word", answer: reply(429, ""), words: /./ },
]

let movedMs = 0

describe("what a provider may answer to a refresh", () => {
  let world: FaultWorld
  let app: ConnectedApp
  beforeAll(async () => {
    world = await startFaultWorld()
  })
  afterAll(() => world.destroy())
  beforeEach(async () => {
    world.reset()
    app = await world.connectOne()
    await expire()
  })

  async function expire(): Promise<void> {
    movedMs += 7_200_000
    await world.expire()
  }

  test.each(rows)(
    "$what: 503, one call for the callers of both replicas, and the connection works again after the pause",
    async ({ answer, retryAfterS: [least, most] = [1, 2], spends, words }) => {
      if (spends) world.provider.graceMs = 3_600_000
      world.provider.onRefresh(answer)
      const refused = await Promise.all([world.read(app, world.one), world.read(app, world.two)])
      for (const { body, headers, status } of refused) {
        expect(`${status} ${body.code}`).toBe("503 PROVIDER_UNAVAILABLE")
        expect(body.detail).toMatch(words)
        expect(Number(headers.get("retry-after"))).toBeGreaterThanOrEqual(least)
        expect(Number(headers.get("retry-after"))).toBeLessThanOrEqual(most)
      }
      expect(world.provider.asked).toBe(1)
      movedMs += 3_600_000
      await world.moveClock(3_600_000)
      world.provider.graceMs = spends ? 7_200_000 : 0
      const again = await Promise.all([world.read(app, world.one), world.read(app, world.two)])
      expect(new Set(again.map(({ status }) => status))).toEqual(new Set([200]))
      expect(world.provider.asked).toBe(2)
      await expectInvariants(world, spends ? { presentedAgain: 1, destroyedAnswers: 1 } : {})
    },
  )

  test("invalid_grant: 409 in both replicas, said once, and no call after the one", async () => {
    world.provider.onRefresh(reply(400, '{"error":"invalid_grant"}'))
    for (let round = 0; round < 5; round += 1) {
      for (const replica of world.replicas) expect((await world.read(app, replica)).status).toBe(409)
      await expire()
    }
    expect(world.provider.asked).toBe(1)
    await expectInvariants(world, { destroyedAnswers: 1 })
  })
})
