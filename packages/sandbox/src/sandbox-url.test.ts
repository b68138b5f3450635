import { describe, expect, it } from "vitest"
import { providerAddress, sandboxUrl } from "./sandbox-url.ts"

describe("sandboxUrl", () => {
  it.each([
    ["https://slack.com/api/oauth.v2.access", "/sandbox/x/slack.com/api/oauth.v2.access"],
    [
      "https://open.tiktokapis.com/v2/oauth/token/?a=b%20c",
      "/sandbox/x/open.tiktokapis.com/v2/oauth/token/?a=b%20c",
    ],
    ["https://acme.example:8443", "/sandbox/x/acme.example:8443/"],
    ["https://acme.example/a%2Fb", "/sandbox/x/acme.example/a%2Fb"],
  ])("puts %s at %s, and back", (provider, path) => {
    const moved = sandboxUrl("http://localhost:4545", "x", new URL(provider))
    expect(moved.href).toBe(`http://localhost:4545${path}`)
    expect(providerAddress(path)).toEqual({ type: "x", url: new URL(provider) })
  })

  it("drops a fragment and the origin's own path", () => {
    expect(sandboxUrl("http://localhost:4545/base", "x", new URL("https://a.example/b#c")).href).toBe(
      "http://localhost:4545/sandbox/x/a.example/b",
    )
  })

  it.each(["/sandbox", "/sandbox/x", "/other/x/y", "/sandbox/x/[/y", ""])(
    "reads nothing out of %s",
    (path) => {
      expect(providerAddress(path)).toBeNull()
    },
  )
})
