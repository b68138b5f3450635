import Fastify, { type FastifyInstance, type RouteOptions } from "fastify"
import { Type } from "typebox"
import { afterEach, expect, test } from "vitest"
import { lazyCompilers } from "./compile-lazily.ts"

const open: FastifyInstance[] = []
afterEach(async () => {
  for (const app of open.splice(0)) await app.close()
})

function withRoute(schema: RouteOptions["schema"]): FastifyInstance {
  const app = Fastify({ schemaController: { compilersFactory: lazyCompilers } })
  open.push(app)
  app.post("/things", { schema: schema ?? {} }, () => ({ id: 7, extra: "left out" }))
  return app
}

test("a route checks and writes as with Fastify's own compilers, each time", async () => {
  const app = withRoute({
    body: Type.Object({ name: Type.String({ minLength: 2 }) }),
    response: { 200: Type.Object({ id: Type.Number() }) },
  })
  for (let time = 0; time < 2; time += 1) {
    const refused = await app.inject({ method: "POST", url: "/things", payload: { name: "x" } })
    expect(refused.statusCode).toBe(400)
    expect(refused.json()).toMatchObject({ message: "body/name must NOT have fewer than 2 characters" })
    const accepted = await app.inject({ method: "POST", url: "/things", payload: { name: "xy" } })
    expect(accepted.json()).toEqual({ id: 7 })
  }
})

test("a schema is compiled when its route is first used", async () => {
  const app = withRoute({ body: { type: "nonsense" } })
  await app.ready()
  const answer = await app.inject({ method: "POST", url: "/things", payload: {} })
  expect(answer.statusCode).toBe(500)
  expect(answer.json()).toMatchObject({ message: expect.stringContaining("schema is invalid") as string })
})
