import Fastify from "fastify"
import { expect, test } from "vitest"
import { GrantryError } from "../errors.ts"
import { StorageUnavailable } from "../storage/storage.ts"
import { asGrantryError, sendError } from "./send-error.ts"

async function answerTo(error: unknown) {
  const app = Fastify({ genReqId: () => "req_1" })
  app.setErrorHandler((thrown, request, reply) =>
    sendError({ publicUrl: "https://grantry.example" }, thrown, request, reply),
  )
  app.get("/", () => Promise.reject(error))
  const answer = await app.inject("/")
  await app.close()
  return answer
}

test("an error's words, code and page reach the caller; its cause does not", async () => {
  const error = new GrantryError("PROVIDER_UNAVAILABLE", 503, "Try again.", {
    retryAfterS: 7,
    connector: true,
    body: { more: 1 },
    cause: new Error("the secret cause"),
  })
  const answer = await answerTo(error)
  expect(answer.statusCode).toBe(503)
  expect(answer.json()).toEqual({
    detail: "Try again.",
    message: "Try again.",
    code: "PROVIDER_UNAVAILABLE",
    request_id: "req_1",
    docs_url: "https://grantry.example/errors/PROVIDER_UNAVAILABLE",
    more: 1,
  })
  expect(answer.headers).toMatchObject({
    "retry-after": "7",
    "x-base44-connector-error": "provider_unavailable",
    "cache-control": "no-store",
  })
})

test("a further member of the body never takes the place of the fixed ones", async () => {
  const error = new GrantryError("NOT_FOUND", 404, "Gone.", {
    body: { detail: "other", code: "OTHER", request_id: "other" },
  })
  expect((await answerTo(error)).json()).toMatchObject({
    detail: "Gone.",
    code: "NOT_FOUND",
    request_id: "req_1",
  })
})

test.each([
  new Error("select * from secrets"),
  new TypeError("x is not a function"),
  Object.assign(new Error("duplicate key"), { code: "23505" }),
  "thrown text",
  undefined,
])("what nobody expected answers 500 without a word of it: %s", async (error) => {
  const answer = await answerTo(error ?? new Error("undefined"))
  expect(answer.statusCode).toBe(500)
  expect(answer.json()).toMatchObject({ code: "INTERNAL_ERROR" })
  expect(answer.body).not.toMatch(/select|function|duplicate|thrown|Error:/)
})

test("a database that is away answers 503 with the time to wait", async () => {
  const answer = await answerTo(new StorageUnavailable("connect ECONNREFUSED 10.0.0.5:5432"))
  expect(answer.statusCode).toBe(503)
  expect(answer.headers["retry-after"]).toBe("2")
  expect(answer.json()).toMatchObject({ code: "STORAGE_UNAVAILABLE" })
  expect(answer.body).not.toContain("10.0.0.5")
})

test.each([
  [400, 400, "INVALID_REQUEST"],
  [404, 404, "NOT_FOUND"],
  [413, 413, "INVALID_REQUEST"],
  [414, 400, "INVALID_REQUEST"],
  [415, 415, "INVALID_REQUEST"],
  [422, 422, "INVALID_REQUEST"],
  [431, 400, "INVALID_REQUEST"],
])("the framework's own %i becomes %i %s", (given, status, code) => {
  const error = Object.assign(new Error("Something is wrong"), { code: "FST_ERR_X", statusCode: given })
  expect(asGrantryError(error)).toMatchObject({ status, code, message: "Something is wrong." })
})

test.each([
  [{ instancePath: "/scopes/0", params: {}, message: "must be string" }, "body.scopes.0 must be string."],
  [{ instancePath: "", params: { missingProperty: "name" }, message: "" }, "body.name is missing."],
  [
    { instancePath: "/a", params: { additionalProperty: "b" }, message: "" },
    "body.a.b is not a known field.",
  ],
  [
    { instancePath: "/a", params: { allowedValues: ["x", "y"] }, message: "must be one of" },
    "body.a must be one of: x, y.",
  ],
  [{ instancePath: "", params: {}, message: "must be object" }, "The body must be object."],
])("a field at fault is named: %j", (problem, message) => {
  const error = Object.assign(new Error("x"), {
    code: "FST_ERR_VALIDATION",
    statusCode: 400,
    validation: [problem],
    validationContext: "body",
  })
  expect(asGrantryError(error).message).toBe(message)
})
