import { describe, expect, it } from "vitest"
import { builtInCatalog } from "./catalog.ts"
import type { ConnectorDefinition } from "./define.ts"
import { accountFromConfig, accountFromToken, identityFromAnswer } from "./identity.ts"

describe("the account of an identity answer", () => {
  it.each([
    [
      "gmail",
      { sub: "100000000000000000001", name: "Ada Example", email: "ada@example.com" },
      "100000000000000000001",
      "ada@example.com",
    ],
    ["gmail", { sub: "100000000000000000001" }, "100000000000000000001", "100000000000000000001"],
    [
      "slack",
      { ok: true, team: "Example Workspace", user: "ada", team_id: "T0FAKE0001", user_id: "U0FAKE0001" },
      "T0FAKE0001:U0FAKE0001",
      "ada @ Example Workspace",
    ],
    [
      "slackbot",
      {
        ok: true,
        team: "Example Workspace",
        user: "bot",
        team_id: "T0FAKE0001",
        user_id: "U0FAKEBOT1",
        bot_id: "B0FAKE0001",
      },
      "T0FAKE0001:U0FAKEBOT1",
      "Example Workspace",
    ],
    ["github", { id: 583_231, login: "octocat" }, "583231", "octocat"],
    [
      "salesforce",
      {
        sub: "https://login.salesforce.com/id/00D/005",
        organization_id: "00D",
        user_id: "005",
        preferred_username: "ada@acme.example",
      },
      "00D:005",
      "ada@acme.example",
    ],
    [
      "dropbox",
      { account_id: "dbid:fake", email: "ada@example.com", name: { display_name: "Ada" } },
      "dbid:fake",
      "ada@example.com",
    ],
    [
      "notion",
      {
        object: "user",
        id: "bot-1",
        type: "bot",
        bot: { workspace_id: "w-1", workspace_name: "Ada's", owner: { type: "user", user: { id: "u-1" } } },
      },
      "w-1:u-1",
      "Ada's",
    ],
    ["airtable", { id: "usr1", email: "ada@example.com", scopes: [] }, "usr1", "ada@example.com"],
    ["airtable", { id: "usr1", scopes: [] }, "usr1", "usr1"],
    ["box", { type: "user", id: "11", name: "Ada", login: "ada@example.com" }, "11", "ada@example.com"],
    ["clickup", { user: { id: 5, username: "ada", email: "ada@example.com" } }, "5", "ada@example.com"],
    ["contentful", { sys: { type: "User", id: "u1" }, email: "ada@example.com" }, "u1", "ada@example.com"],
    ["hugging_face", { sub: "5a4d", preferred_username: "ada" }, "5a4d", "ada"],
    ["supabase", [{ id: "org1", slug: "org1", name: "Example Org" }], "org1", "Example Org"],
    ["typeform", { user_id: "01H", alias: "Ada", email: "ada@example.com" }, "01H", "ada@example.com"],
    ["typeform", { alias: "Ada", email: "ada@example.com" }, "ada@example.com", "ada@example.com"],
  ])("of %s is read", (type, json, id, label) => {
    expect(identityFromAnswer(entry(type), json)).toEqual({ id, label })
    expect(identityFromAnswer(entry(type), JSON.stringify(json))).toEqual({ id, label })
  })

  it("is nobody where a list is empty or holds no objects", () => {
    for (const json of [[], "[]", ["org1"], [[]], [null]]) {
      expect(identityFromAnswer(entry("supabase"), json)).toBeNull()
    }
  })

  it("is who the token named where the profile may not be read", () => {
    const owner = "https://api.calendly.com/users/A"
    const refused = { title: "Permission Denied", message: "no" }
    expect(identityFromAnswer(entry("calendly"), refused, { owner })).toBeNull()
    expect(accountFromConfig(entry("calendly"), { owner })).toEqual({ id: owner, label: owner })
  })

  it("is nobody when Slack says at 200 that it failed, whatever else it says", () => {
    expect(identityFromAnswer(entry("slack"), { ok: false, error: "invalid_auth" })).toBeNull()
    expect(
      identityFromAnswer(entry("slack"), {
        ok: false,
        team_id: "T0FAKE0001",
        user_id: "U0FAKE0001",
        user: "ada",
        team: "x",
      }),
    ).toBeNull()
  })

  it.each([
    null,
    undefined,
    7,
    [],
    {},
    "",
    "<html>",
    { sub: null },
    { sub: "" },
    { sub: {} },
    { sub: "x".repeat(256) },
  ])("is nobody when the answer is %j", (json) => {
    expect(identityFromAnswer(entry("gmail"), json)).toBeNull()
  })

  it("is shown without characters that would garble a page or a log, and not without end", () => {
    const account = (email: string) => identityFromAnswer(entry("gmail"), { sub: "1", email })?.label
    expect(account("ada\u202e\r\nmoc.live@example.com")).toBe("ada moc.live@example.com")
    expect(account("a".repeat(500))).toHaveLength(200)
  })
})

describe("the account of a token answer", () => {
  it("is named where the answer suffices, with the id that the identity request would give", () => {
    const token = { team: { id: "T0FAKE0001", name: "Example Workspace" }, bot_user_id: "U0FAKEBOT1" }
    const asked = {
      ok: true,
      team: "Example Workspace",
      user: "bot",
      team_id: "T0FAKE0001",
      user_id: "U0FAKEBOT1",
    }
    expect(accountFromToken(entry("slackbot"), token)).toEqual(identityFromAnswer(entry("slackbot"), asked))
  })

  it("is left to the identity request where the answer does not name it", () => {
    expect(accountFromToken(entry("github"), { access_token: "fake" })).toBeNull()
    expect(accountFromToken(entry("slackbot"), { access_token: "fake" })).toBeNull()
  })
})

function entry(type: string): ConnectorDefinition {
  const found = builtInCatalog.byType(type)
  if (found === undefined) throw new Error(`no entry ${type}`)
  return found
}
