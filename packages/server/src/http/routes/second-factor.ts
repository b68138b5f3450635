/** A member's second factor: the code at sign-in, and turning it on and off. better-auth's routes where it has them. */
import type { FastifyInstance, FastifyRequest } from "fastify"
import { type Static, Type } from "typebox"
import {
  prepareSecondFactor,
  renewBackupCodes,
  turnOffSecondFactor,
  turnOnSecondFactor,
} from "../../members/second-factor/set-up.ts"
import { verifyCode } from "../../members/second-factor/verify-code.ts"
import type { Services } from "../../services.ts"
import { signedInId, visitorOf } from "../signed-in.ts"
import { Done, Password, relay, requireOwnPage, schema, Signed } from "./auth.ts"

const BackupCodes = Type.Array(Type.String(), { description: "shown once; each signs in once" })
const Prepared = Type.Object({
  totpURI: Type.String({ description: "for the authenticator app; holds the secret and is shown once" }),
  backupCodes: BackupCodes,
})
const Renewed = Type.Object({ backupCodes: BackupCodes })
const Code = Type.String({ minLength: 1, maxLength: 32 })
const CodeBody = Type.Object({ code: Code })
const PasswordBody = Type.Object({ password: Password })

type CodeRoute = { Body: Static<typeof CodeBody> }
type PasswordRoute = { Body: Static<typeof PasswordBody> }

const open = { caller: "public" as const }

export function secondFactorRoutes(app: FastifyInstance, services: Services): void {
  codeRoutes(app, services)
  setUpRoutes(app, services)
}

/** Nobody is signed in yet: the cookie of the first step says who waits. */
function codeRoutes(app: FastifyInstance, services: Services): void {
  for (const kind of ["totp", "backup-code"] as const) {
    const what = kind === "totp" ? "a code of the authenticator app" : "a backup code, which is then used up"
    app.post<CodeRoute>(
      `/api/auth/two-factor/verify-${kind}`,
      { config: open, schema: schema(`Second step of a sign-in: ${what}`, Signed, CodeBody) },
      async (request, reply) => {
        requireOwnPage(services, request)
        return relay(reply, await verifyCode(services, { code: request.body.code, kind }, visitorOf(request)))
      },
    )
  }
}

function setUpRoutes(app: FastifyInstance, services: Services): void {
  const asked = async (request: FastifyRequest<PasswordRoute>) => ({
    memberId: await signedInId(services, request),
    password: request.body.password,
  })
  app.post<PasswordRoute>(
    "/api/auth/two-factor/enable",
    {
      config: open,
      schema: schema("Prepare a second factor; a right code turns it on", Prepared, PasswordBody),
    },
    async (request, reply) =>
      relay(reply, await prepareSecondFactor(services, await asked(request), visitorOf(request))),
  )
  app.post<CodeRoute>(
    "/api/auth/two-factor/confirm",
    { config: open, schema: schema("Turn the second factor on that was prepared", Signed, CodeBody) },
    async (request, reply) => {
      const turnOn = { memberId: await signedInId(services, request), code: request.body.code }
      return relay(reply, await turnOnSecondFactor(services, turnOn, visitorOf(request)))
    },
  )
  app.post<PasswordRoute>(
    "/api/auth/two-factor/disable",
    { config: open, schema: schema("Turn the second factor off", Done, PasswordBody) },
    async (request, reply) =>
      relay(reply, await turnOffSecondFactor(services, await asked(request), visitorOf(request))),
  )
  app.post<PasswordRoute>(
    "/api/auth/two-factor/generate-backup-codes",
    { config: open, schema: schema("New backup codes instead of the ones before", Renewed, PasswordBody) },
    async (request, reply) =>
      relay(reply, await renewBackupCodes(services, await asked(request), visitorOf(request))),
  )
}
