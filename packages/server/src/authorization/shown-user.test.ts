import { expect, test } from "vitest"
import { shownUser } from "./shown-user.ts"

const user = { userId: "u1", email: "uma@example.com", name: "Uma" }

test("the address comes first, the name beside it; without an address the id", () => {
  expect(shownUser(user)).toBe("uma@example.com (Uma)")
  expect(shownUser({ ...user, name: null })).toBe("uma@example.com")
  expect(shownUser({ ...user, name: "uma@example.com" })).toBe("uma@example.com")
  expect(shownUser({ ...user, email: null })).toBe("u1 (Uma)")
  expect(shownUser({ ...user, email: null, name: null })).toBe("u1")
})

test("a name that is somebody else's address stands beside the user's own", () => {
  expect(shownUser({ ...user, name: "victim@example.com" })).toBe("uma@example.com (victim@example.com)")
})

test("marks that turn or hide text are taken out, and it is cut", () => {
  expect(shownUser({ ...user, name: "\u202Emoc.elpmaxe@mitciv\u200B\r\n" })).toBe(
    "uma@example.com (moc.elpmaxe@mitciv)",
  )
  expect(shownUser({ ...user, name: "n".repeat(500) }).length).toBeLessThan(260)
})
