/** The device login against the real server: approved on its page by a signed-in member. */
import { expect, onTestFinished, test } from "vitest"
import { answerDevice, ownerEmail, signInOnPage, startWithOwner } from "../harness/members.ts"
import { makeHome, program } from "./run-cli.ts"
import { openTerminal } from "./terminal.ts"

test("login, whoami and apps work with the login of a member who approved the code", async () => {
  const server = await startWithOwner({ database: "sqlite" })
  onTestFinished(() => server.destroy())
  const home = await makeHome({ GRANTRY_URL: server.url })
  onTestFinished(() => home[Symbol.asyncDispose]())
  const terminal = openTerminal(process.execPath, [program, "login", "--no-browser"], {
    cwd: home.path,
    env: home.env,
  })
  const [, code = ""] = await terminal.see(/Confirm the code ([A-Z]{4}-[A-Z]{4}) at/)
  await answerDevice(await signInOnPage(server.url), server.url, code)
  await terminal.see(new RegExp(`Signed in at \\S+ as ${ownerEmail}`))
  expect(await terminal.exit).toBe(0)
  expect((await home.run(["whoami"])).stdout).toContain(ownerEmail)
  expect(await home.json(["apps", "create", "Mine"])).toMatchObject({ name: "Mine" })
}, 120_000)
