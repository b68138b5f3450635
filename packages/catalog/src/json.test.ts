import { describe, expect, it } from "vitest"
import { parseJson } from "./json.ts"

describe("reading JSON", () => {
  it("keeps the digits of an integer that no JavaScript number holds", () => {
    expect(parseJson('{"user_id":17841400000000001,"list":[-9007199254740993]}')).toEqual({
      user_id: "17841400000000001",
      list: ["-9007199254740993"],
    })
  })

  it("leaves every other value as it is", () => {
    const text =
      '{"expires_in":5183944,"largest":9007199254740991,"half":0.5,"huge":1e300,"id":"17841400000000001"}'
    expect(parseJson(text)).toEqual(JSON.parse(text))
  })

  it("throws for what is no JSON", () => {
    expect(() => parseJson("access_token=a")).toThrow(SyntaxError)
  })
})
