import { type ConnectorInput } from "@grantry/catalog"
import { describe, expect, test } from "vitest"
import { scriptedContext, scriptedDefinition } from "../../../../tests/harness/scripted-provider.ts"
import { revocationRequest } from "./revocation-request.ts"

const basis = {
  url: "https://scripted.example.com/revoke",
  tokens: ["refresh_token"],
  auth: "none",
  ends: "token",
} as const
const encoded = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`

function request(differences: Partial<NonNullable<ConnectorInput["revocation"]>>) {
  const definition = scriptedDefinition({ revocation: { ...basis, ...differences } })
  if (!definition.revocation) throw new Error("there is a revocation")
  return revocationRequest(scriptedContext(definition), definition.revocation, "tok")
}

describe("the revocation request", () => {
  test.each([
    ["none", undefined],
    ["bearer", "Bearer tok"],
    ["basic", encoded("the+client:short+secret%2F%2B")],
    ["basic_raw", encoded("the client:short secret/+")],
    ["post", undefined],
  ] as const)("proves the client by %s", (auth, authorization) => {
    expect(request({ auth }).headers["authorization"]).toBe(authorization)
  })

  test("carries the token where the entry says, and the client's secret in the body only for post", () => {
    expect(request({}).body).toEqual({ kind: "form", fields: { token: "tok" } })
    expect(request({ body: "json", tokenField: "access_token" }).body).toEqual({
      kind: "json",
      value: { access_token: "tok" },
    })
    expect(request({ body: "none", tokenField: null, auth: "bearer" }).body).toBeNull()
    expect(request({ auth: "post" }).body).toEqual({
      kind: "form",
      fields: { token: "tok", client_id: "the client", client_secret: "short secret/+" },
    })
  })

  test("names the client in the path where the entry says", () => {
    const { method, url } = request({
      url: "https://scripted.example.com/apps/{client_id}/token",
      method: "DELETE",
    })
    expect(`${method} ${url}`).toBe("DELETE https://scripted.example.com/apps/the%20client/token")
  })
})
