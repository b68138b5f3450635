/** Members who leave, are removed, or delete their account. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { call, createApp, type Credential, fetchToken, type TestApp } from "../harness/api.ts"
import { consent, type BeginBody } from "../harness/connect.ts"
import { callFrom, firstWorkspace, join, ownerPassword, type Person } from "../harness/members.ts"
import { type Replicas, startReplicas } from "../harness/replicas.ts"
import { liveTokens, requestsTo, resetSandbox, setFault } from "../harness/sandbox.ts"
import { databases } from "../harness/server.ts"
import { endedJob, type JobBody, patience, shredded, startJob } from "./steps.ts"

describe.each(databases)("members who go, on %s", (database) => {
  let replicas: Replicas
  let url: string
  let elsewhere: string
  let ws: string
  let app: TestApp
  beforeAll(async () => {
    replicas = await startReplicas({ database, count: database === "postgres" ? 2 : 1 })
    url = replicas.first.url
    elsewhere = replicas.servers.at(-1)?.url ?? ""
    ws = await firstWorkspace(url)
  })
  afterAll(() => replicas.destroy())
  beforeEach(async () => {
    await resetSandbox(replicas.sandbox)
    app = await createApp(url, "My app")
  })

  const member = (person: Person, query = ""): string =>
    `/api/workspace/${ws}/members/${person.memberId}${query}`

  async function keyOf({ browser }: Person): Promise<Credential> {
    const path = `/api/workspace/${ws}/api-keys`
    return { apiKey: (await callFrom<{ key: string }>(browser, url, "POST", path, { name: "x" })).body.key }
  }

  function begin(as: Credential, type: string) {
    const path = `/api/apps/${app.id}/external-auth/initiate`
    return call<BeginBody>(url, "POST", path, { as, body: { integration_type: type } })
  }

  /** An editor with a key, who has connected the app's account of a type. */
  async function editorWith(type: string): Promise<Person & { readonly key: Credential }> {
    const person = await join(url, ws, "editor")
    const key = await keyOf(person)
    const begun = await begin(key, type)
    expect((await consent(begun.body.redirect_url ?? "")).status).toBe(200)
    return { ...person, key }
  }

  test("one who is removed has no key and no session any more, in any replica", async () => {
    const gone = await editorWith("slack")
    for (const base of [url, elsewhere]) {
      expect((await call(base, "GET", `/api/apps/${app.id}`, { as: gone.key })).status).toBe(200)
      expect((await callFrom(gone.browser, base, "GET", "/api/workspace/workspaces")).status).toBe(200)
    }
    expect(await call(url, "DELETE", member(gone))).toMatchObject({
      status: 200,
      body: { status: "deleted", disconnect_job: null },
    })
    expect((await call(url, "GET", `/api/apps/${app.id}`, { as: gone.key })).status).toBe(401)
    expect((await callFrom(gone.browser, url, "GET", "/api/workspace/workspaces")).status).toBe(401)
    // Other replicas are told; while they hear nothing they forget by themselves.
    const there = async () => (await call(elsewhere, "GET", `/api/apps/${app.id}`, { as: gone.key })).status
    await expect.poll(there, patience).toBe(401)
    await expect
      .poll(
        async () => (await callFrom(gone.browser, elsewhere, "GET", "/api/workspace/workspaces")).status,
        patience,
      )
      .toBe(401)
  })

  test("what they connected works on and is listed, until somebody ends it by their name", async () => {
    const gone = await editorWith("dropbox")
    await call(url, "DELETE", member(gone))
    expect((await fetchToken(url, app, "dropbox")).status).toBe(200)
    const listed = await call<{ connections: { app_id: string; integration_type: string }[] }>(
      url,
      "GET",
      member(gone, "/connections"),
    )
    expect(listed.body.connections).toMatchObject([{ app_id: app.id, integration_type: "dropbox" }])
    const started = await startJob(url, ws, { connected_by: gone.memberId, confirm: gone.email })
    expect(await endedJob(url, ws, started.body.id)).toMatchObject({ connections: { total: 1, done: 1 } })
    expect((await fetchToken(url, app, "dropbox")).status).toBe(404)
  })

  test("or is ended with the removal, as a job", async () => {
    const gone = await editorWith("dropbox")
    const removed = await call<{ disconnect_job: JobBody }>(url, "DELETE", member(gone, "?disconnect=true"))
    expect(await endedJob(url, ws, removed.body.disconnect_job.id)).toMatchObject({
      connections: { total: 1, done: 1, failed: 0 },
    })
    expect((await fetchToken(url, app, "dropbox")).status).toBe(404)
    expect(await liveTokens(replicas.sandbox, "dropbox")).toEqual([])
  })

  test("a consent that is on its way when they are removed comes to nothing", async () => {
    const gone = await join(url, ws, "editor")
    const begun = await begin(await keyOf(gone), "dropbox")
    await setFault(replicas.sandbox, "dropbox", "slow", { endpoint: "token", delay_ms: 1_500 })
    const consenting = consent(begun.body.redirect_url ?? "")
    await expect.poll(() => requestsTo(replicas.sandbox, "dropbox", "token"), patience).toHaveLength(1)
    expect((await call(url, "DELETE", member(gone))).status).toBe(200)
    expect((await consenting).status).toBe(410)
    expect((await fetchToken(url, app, "dropbox")).status).toBe(404)
    await expect.poll(() => liveTokens(replicas.sandbox, "dropbox"), patience).toEqual([])
  })

  test("a link that waits for its click is over too, and so are the invitations that they made", async () => {
    const gone = await join(url, ws, "admin")
    const begun = await begin(await keyOf(gone), "slack")
    const invited = await callFrom<{ link: string }>(
      gone.browser,
      url,
      "POST",
      `/api/workspace/${ws}/members`,
      {
        email: "backdoor@example.com",
        role: "admin",
      },
    )
    await call(url, "DELETE", member(gone))
    expect(
      (await call(url, "GET", new URL(begun.body.redirect_url ?? "").pathname, { as: null })).status,
    ).toBe(410)
    expect((await call(url, "GET", new URL(invited.body.link).pathname, { as: null })).status).toBe(404)
  })

  test("who leaves by themselves stays signed in, to what is theirs", async () => {
    const leaver = await editorWith("slack")
    const left = await callFrom<{ disconnect_job: JobBody }>(
      leaver.browser,
      url,
      "DELETE",
      member(leaver, "?disconnect=true"),
    )
    expect(left.status).toBe(200)
    expect(await endedJob(url, ws, left.body.disconnect_job.id)).toMatchObject({ connections: { done: 1 } })
    const mine = await callFrom<{ workspaces: { id: string }[] }>(
      leaver.browser,
      url,
      "GET",
      "/api/workspace/workspaces",
    )
    expect(mine.body.workspaces.map(({ id }) => id)).not.toContain(ws)
    expect(mine.body.workspaces).toHaveLength(1)
  })

  test("an editor may not end a colleague's connections by removing anybody", async () => {
    const [editor, other] = [await editorWith("slack"), await join(url, ws, "viewer")]
    expect(await callFrom(editor.browser, url, "DELETE", member(other, "?disconnect=true"))).toMatchObject({
      status: 403,
      body: { code: "ROLE_REQUIRED" },
    })
  })

  describe("deleting one's account", () => {
    const deleteAccount = (person: Person, body: Record<string, unknown> = {}) =>
      callFrom<{ closure_secret: string; code?: string }>(
        person.browser,
        url,
        "POST",
        "/api/auth/delete-user",
        {
          confirm: person.email,
          password: ownerPassword,
          ...body,
        },
      )

    test("ends every sign-in and key, leaves every workspace, and shreds the personal one", async () => {
      const gone = await editorWith("dropbox")
      const mine = await callFrom<{ workspaces: { id: string }[] }>(
        gone.browser,
        url,
        "GET",
        "/api/workspace/workspaces",
      )
      const personal = mine.body.workspaces[0]?.id ?? ""
      const made = await callFrom<{ id: string }>(gone.browser, url, "POST", "/api/apps", { name: "Own app" })
      const path = `/api/apps/${made.body.id}/external-auth/initiate`
      const begun = await callFrom<BeginBody>(gone.browser, url, "POST", path, {
        integration_type: "googlecalendar",
      })
      expect((await consent(begun.body.redirect_url ?? "")).status).toBe(200)

      const answer = await deleteAccount(gone)
      expect(answer).toMatchObject({ status: 202, body: { status: true } })
      expect((await callFrom(gone.browser, url, "GET", "/api/workspace/workspaces")).status).toBe(401)
      expect((await call(url, "GET", `/api/apps/${app.id}`, { as: gone.key })).status).toBe(401)
      await replicas.moveClock(10 * 60_000)
      expect(await shredded(url, answer.body.closure_secret)).toMatchObject({
        workspace_id: personal,
        connections: { total: 1, done: 1 },
      })
      expect(await liveTokens(replicas.sandbox, "googlecalendar")).toEqual([])
      // The shared workspace goes on with what they connected for it.
      expect((await fetchToken(url, app, "dropbox")).status).toBe(200)
      const people = await call<{ members: { id: string }[] }>(
        url,
        "GET",
        `/api/workspace/${ws}/members?limit=200`,
      )
      expect(people.body.members.map(({ id }) => id)).not.toContain(gone.memberId)
      const signIn = await call(url, "POST", "/api/auth/sign-in/email", {
        as: null,
        headers: { origin: url },
        body: { email: gone.email, password: ownerPassword },
      })
      expect(signIn.status).toBe(401)
    })

    test("needs the address, the password, and an owner who stays wherever they are the last one", async () => {
      const person = await join(url, ws, "viewer")
      expect(await deleteAccount(person, { confirm: "x" })).toMatchObject({
        status: 422,
        body: { code: "CONFIRMATION_REQUIRED" },
      })
      expect(await deleteAccount(person, { password: "a wrong password" })).toMatchObject({
        status: 401,
        body: { code: "SIGN_IN_REFUSED" },
      })
      await callFrom(person.browser, url, "POST", "/api/workspace/workspaces", { name: "Theirs alone" })
      expect(await deleteAccount(person)).toMatchObject({
        status: 409,
        body: { code: "LAST_OWNER", detail: expect.stringContaining("Theirs alone") },
      })
      expect((await callFrom(person.browser, url, "GET", "/api/workspace/workspaces")).status).toBe(200)
    })
  })
})
