import { expect, test } from "vitest"
import type { Role } from "../storage/stores/accounts.ts"
import { requireRole } from "./caller.ts"

const roles: readonly Role[] = ["viewer", "editor", "admin", "owner"]

test.each(
  roles.flatMap((role, rank) => roles.map((least, needed) => [role, least, rank >= needed] as const)),
)("%s where %s is needed: %s", (role, least, allowed) => {
  const check = () => requireRole(role, least)
  if (allowed) expect(check).not.toThrow()
  else
    expect(check).toThrow(
      expect.objectContaining({
        code: "ROLE_REQUIRED",
        status: 403,
        message: expect.stringContaining(least),
      }),
    )
})
