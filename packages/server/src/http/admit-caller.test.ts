import Fastify, { type FastifyInstance } from "fastify"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import type { AppUserCaller, Caller } from "../callers/caller.ts"
import { GrantryError } from "../errors.ts"
import type { CheckedCaller } from "./admit-caller.ts"
import { appUserOf, registerCallerCheck } from "./caller-of.ts"

const userOf = (appId: string): AppUserCaller => ({
  kind: "app_user",
  workspaceId: "ws_1",
  appId,
  userId: "u",
  email: null,
  name: null,
  actor: "app_user:u",
})
const credentials: Readonly<Record<string, Caller>> = {
  "Bearer service": { kind: "service", workspaceId: "ws_1", appId: "app_1", actor: "service:1" },
  "Bearer other-service": { kind: "service", workspaceId: "ws_1", appId: "app_2", actor: "service:2" },
  "Bearer member": { kind: "member", memberId: "mem_1", workspaces: [], actor: "member:1" },
}

const pass = () => undefined
const unlimited = { useWorkspace: pass, useUser: pass, useAddress: pass, checkAddress: pass, close: pass }

let app: FastifyInstance
const asked: string[] = []
beforeAll(async () => {
  app = Fastify()
  app.setErrorHandler((error, _request, reply) => {
    if (!(error instanceof GrantryError)) throw error
    return reply.code(error.status).send({ code: error.code, detail: error.message })
  })
  registerCallerCheck(app, {
    authenticator: {
      authenticate: ({ authorization = "" }) => credentials[authorization],
      forgetKeys: () => undefined,
      flushUses: async () => undefined,
    },
    appUsers: {
      async authenticate(appId, token) {
        asked.push(`${appId} ${token}`)
        return token === `user-of-${appId}` ? userOf(appId) : undefined
      },
      forget: () => undefined,
    },
    limits: unlimited,
  })
  for (const caller of ["app_user", "service_for_user", "app_user_or_service"] as const) {
    app.get(`/${caller}/:app`, { config: { caller } }, (request) => ({
      caller: request.caller?.kind,
      user: appUserOf(request).appId,
    }))
  }
  await app.ready()
})
afterAll(() => app.close())

async function call(
  kind: CheckedCaller,
  credential: string | null,
  onBehalfOf: string | null,
  appId = "app_1",
): Promise<{ readonly status: number } & Partial<Record<string, unknown>>> {
  const answer = await app.inject({
    url: `/${kind}/${appId}`,
    headers: {
      ...(credential !== null && { authorization: `Bearer ${credential}` }),
      ...(onBehalfOf !== null && { "on-behalf-of": onBehalfOf }),
    },
  })
  return { status: answer.statusCode, ...answer.json<Record<string, string>>() }
}

const mine = "Bearer user-of-app_1"
const theirs = "Bearer user-of-app_2"

describe("a route for a service that acts for a user", () => {
  const kind = "service_for_user"
  test("gets both", async () => {
    expect(await call(kind, "service", mine)).toEqual({ status: 200, caller: "service", user: "app_1" })
  })
  test("tells a service that names nobody which header is missing", async () => {
    const answer = await call(kind, "service", null)
    expect(answer).toMatchObject({ status: 401, code: "UNAUTHORIZED" })
    expect(answer["detail"]).toContain("on-behalf-of")
  })
  test.each([theirs, "Bearer x", "user-of-app_1", "Basic x", ""])(
    "refuses on-behalf-of: %s",
    async (header) => {
      const answer = await call(kind, "service", header)
      expect(answer).toMatchObject({ status: 401, code: "UNAUTHORIZED" })
      expect(answer["detail"]).toContain("on-behalf-of")
    },
  )
  test("refuses a user who calls alone, and a member, by kind", async () => {
    for (const credential of ["user-of-app_1", "member"])
      expect(await call(kind, credential, mine)).toEqual({
        status: 403,
        code: "SERVICE_TOKEN_REQUIRED",
        detail: "This endpoint is only accessible to service tokens",
      })
  })
  test("knows no other app, and asks nothing about its users", async () => {
    asked.length = 0
    for (const [credential, appId] of [
      ["other-service", "app_1"],
      ["service", "app_2"],
      ["service", "app_none"],
    ] as const)
      for (const header of [mine, theirs, null])
        expect(await call(kind, credential, header, appId)).toEqual({
          status: 404,
          code: "NOT_FOUND",
          detail: "There is no such app.",
        })
    expect(asked).toEqual([])
  })
  test("knows no stranger", async () => {
    for (const credential of [null, "x", "user-of-app_2"])
      expect(await call(kind, credential, mine)).toEqual({
        status: 401,
        code: "UNAUTHORIZED",
        detail: "Unauthorized",
      })
  })
})

describe("a route for a user, alone or through a service", () => {
  const kind = "app_user_or_service"
  test("gets the user either way", async () => {
    expect(await call(kind, "service", mine)).toEqual({ status: 200, caller: "service", user: "app_1" })
    expect(await call(kind, "user-of-app_1", null)).toEqual({
      status: 200,
      caller: "app_user",
      user: "app_1",
    })
  })
  test("does not believe a user who names another one", async () => {
    expect(await call(kind, "user-of-app_1", theirs)).toMatchObject({ user: "app_1" })
  })
  test("refuses a service that names nobody, a member, strangers and other apps", async () => {
    expect(await call(kind, "service", null)).toMatchObject({ status: 401 })
    expect(await call(kind, "member", mine)).toMatchObject({ status: 403, code: "APP_USER_REQUIRED" })
    expect(await call(kind, null, mine)).toMatchObject({ status: 401, detail: "Unauthorized" })
    expect(await call(kind, "user-of-app_2", mine)).toMatchObject({ status: 401 })
    expect(await call(kind, "other-service", mine)).toMatchObject({ status: 404 })
  })
})

test("a route for users alone refuses services and members by kind", async () => {
  expect(await call("app_user", "user-of-app_1", null)).toMatchObject({ status: 200 })
  for (const credential of ["service", "member"])
    expect(await call("app_user", credential, mine)).toMatchObject({ status: 403, code: "APP_USER_REQUIRED" })
  expect(await call("app_user", null, mine)).toMatchObject({ status: 401 })
})
