/** What the connect page shows: enough that a person notices when the account named there is not their own. */
import type { ConfigField } from "@grantry/catalog"
import { redirectUri } from "../connections/oauth-clients.ts"
import { askedScopes } from "../oauth/authorization-url.ts"
import type { OAuthClient } from "../oauth/oauth-client.ts"
import type { Services } from "../services.ts"
import { findAttempt } from "./find-attempt.ts"

export interface ConnectPage {
  readonly attemptId: string
  readonly appName: string
  readonly serviceName: string
  /** The account that asked: a member's e-mail address and name, or the app user's. */
  readonly askedBy: string
  /** An app user's own account, not one for the whole app. */
  readonly isForUser: boolean
  readonly scopes: readonly { readonly scope: string; readonly meaning: string }[]
  readonly fields: readonly (ConfigField & { readonly value: string })[]
  readonly redirectUri: string
  /** Origins to which the page's form leads. */
  readonly formTargets: readonly string[]
  /** The provider is the built-in sandbox. */
  readonly sandbox: boolean
}

type Dependencies = Pick<Services, "storage" | "clock" | "clients" | "config" | "protocol">

/**
 * @param given values that were refused, to be corrected rather than typed again
 * @throws ATTEMPT_OVER
 */
export async function openConnectPage(
  deps: Dependencies,
  attemptId: string,
  given: Readonly<Record<string, string>> = {},
): Promise<ConnectPage> {
  const { attempt, app, client } = await findAttempt(deps, attemptId, ["pending", "at_provider"])
  const { definition } = client
  const meanings = new Map(definition.scopes.map(({ scope, meaning }) => [scope, meaning]))
  return {
    attemptId,
    appName: app.name,
    serviceName: definition.displayName,
    askedBy: attempt.askedBy ?? (await memberName(deps, attempt.startedBy)),
    isForUser: attempt.ownerKind === "app_user",
    scopes: askedScopes({ client, scopes: attempt.requestedScopes }).map((scope) => ({
      scope,
      meaning: meanings.get(scope) ?? scope,
    })),
    fields: definition.config.asked
      .filter((field) => !field.selfHosted)
      .map((field) => ({
        ...field,
        value: given[field.name] ?? attempt.config[field.name] ?? field.default ?? "",
      })),
    redirectUri: redirectUri(deps.config.publicUrl, client),
    formTargets: formTargets(deps, client),
    sandbox: client.source === "sandbox",
  }
}

/** The provider's origin, or every host of its suffixes while its host still has to be given. */
function formTargets(deps: Dependencies, client: OAuthClient): readonly string[] {
  const { authorize, config } = client.definition
  const template = authorize.url
  if (template.includes("{") && client.source !== "sandbox") {
    const suffixes = config.asked.flatMap((field) => field.hostSuffixes)
    const hosts = Object.values(client.ownConfig)
    return [
      ...hosts.map((host) => `https://${host}`),
      ...suffixes.flatMap((suffix) => [`https://${suffix}`, `https://*.${suffix}`]),
    ]
  }
  const plain = new URL(template.replace(/\{[^}]+\}/g, "host"))
  return [deps.protocol.address(client, plain, "front").origin]
}

async function memberName(deps: Dependencies, memberId: string | null): Promise<string> {
  const member = memberId === null ? undefined : await deps.storage.accounts.findMember(memberId)
  if (!member) return "an account that no longer exists"
  return member.name === "" || member.name === member.email
    ? member.email
    : `${member.name} (${member.email})`
}
