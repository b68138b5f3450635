/** Users of an app, as the app's own backend or its identity provider knows them. */
import { type Answer, call, type Credential, type TestApp } from "./api.ts"

/** A token of Grantry's own for a user whom the app names. */
export async function mintToken(
  base: string,
  app: TestApp,
  userId: string,
  more: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const answer = await call<{ token: string }>(base, "POST", `/api/apps/${app.id}/users/token`, {
    as: { bearer: app.serviceKey },
    body: { user_id: userId, ...more },
  })
  if (answer.status !== 200) throw new Error(`no token: ${JSON.stringify(answer.body)}`)
  return answer.body.token
}

export interface Me {
  readonly id: string
  readonly email: string | null
  readonly full_name: string | null
  readonly role: string
  readonly code?: string
  readonly detail?: string
}

export function whoAmI(base: string, appId: string, as: Credential): Promise<Answer<Me>> {
  return call<Me>(base, "GET", `/api/apps/${appId}/entities/User/me`, { as })
}

/** Lets the app trust an issuer. */
export function trust(
  base: string,
  app: TestApp,
  body: Readonly<Record<string, unknown>>,
): Promise<Answer<{ id: string; detail?: string; code?: string }>> {
  return call(base, "POST", `/api/apps/${app.id}/identity-issuers`, { body })
}
