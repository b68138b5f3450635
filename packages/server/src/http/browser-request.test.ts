import Fastify from "fastify"
import { expect, test } from "vitest"
import { GrantryError } from "../errors.ts"
import { isPrefetch, singleValued } from "./browser-request.ts"

test("each parameter is decoded once", () => {
  expect({ ...singleValued("/callback/x?state=a%2520b&code=4%2F0A&empty=&flag&plus=a+b") }).toEqual({
    state: "a%20b",
    code: "4/0A",
    empty: "",
    flag: "",
    plus: "a b",
  })
})

test.each([
  "/x?state=a&state=b",
  "/x?state=a&state=a",
  "/x?a&a",
  "/x?%73tate=a&state=b",
  "/x?__proto__=a&__proto__=b",
])("a repeated parameter is refused, however it is written: %s", (url) => {
  expect(() => singleValued(url)).toThrow(GrantryError)
})

test("names of every object's members are parameters like others", () => {
  const params = singleValued("/x?__proto__=p&constructor=c&toString=t")
  expect(params["__proto__"]).toBe("p")
  expect(params["constructor"]).toBe("c")
  expect(Object.keys(params)).toHaveLength(3)
  expect(singleValued("/x")["constructor"]).toBeUndefined()
})

test.each([
  [{ "sec-purpose": "prefetch" }, true],
  [{ "sec-purpose": "prefetch;prerender" }, true],
  [{ "sec-purpose": "Prefetch;anonymous-client-ip" }, true],
  [{ purpose: "prefetch" }, true],
  [{ purpose: "preview" }, true],
  [{}, false],
  [{ "sec-purpose": "" }, false],
  [{ "sec-fetch-mode": "navigate" }, false],
])("a request with %j is ahead of a click: %s", async (headers: Record<string, string>, expected) => {
  const app = Fastify()
  app.get("/", async (request) => ({ ahead: isPrefetch(request) }))
  expect((await app.inject({ url: "/", headers })).json()).toEqual({ ahead: expected })
  await app.close()
})
