/** Finds the attempt that a callback ends, exactly once, and checks that the callback belongs to it. */
import { timingSafeEqual } from "node:crypto"
import {
  AuthorizationResponseError,
  type AuthorizationServer,
  OperationProcessingError,
  UnsupportedOperationError,
  validateAuthResponse,
} from "oauth4webapi"
import { redirectUri } from "../connections/oauth-clients.ts"
import type { OAuthClient } from "../oauth/oauth-client.ts"
import { provenCallback } from "../oauth/proven-callback.ts"
import { scrubProviderText } from "../oauth/provider-text.ts"
import { sha256Text } from "../random.ts"
import type { Services } from "../services.ts"
import type { Attempt } from "../storage/stores/attempts.ts"
import { type OpenAttempt, withClient } from "./find-attempt.ts"
import { attemptOver, authorizationDenied, authorizationRefused } from "./refusals.ts"

export interface Callback {
  /** Last part of the path that the provider called. */
  readonly context: string
  /** Single-valued query parameters. */
  readonly params: Readonly<Record<string, string>>
  /** The browser's cookie; undefined when it sent none. */
  readonly browserSecret: string | undefined
}

export interface ConsumedAttempt extends OpenAttempt {
  /** The callback in RFC 6749's words, checked; what the code exchange takes. */
  readonly callback: URLSearchParams
}

type Dependencies = Pick<Services, "storage" | "clock" | "clients" | "config">

/** Whatever the outcome, the state is used up. @throws AUTHORIZATION_REFUSED */
export async function consumeState(
  deps: Pick<Services, "storage">,
  { params }: Pick<Callback, "params">,
): Promise<Attempt> {
  const { state } = params
  if (state === undefined || state === "") throw authorizationRefused("The callback came without a state.")
  const attempt = await deps.storage.attempts.consumeState(sha256Text(state))
  if (attempt) return attempt
  throw authorizationRefused(
    "This callback was already used, or it does not come from a connect page of this server.",
  )
}

/** @throws AUTHORIZATION_REFUSED, AUTHORIZATION_DENIED, ATTEMPT_OVER */
export async function checkCallback(
  deps: Dependencies,
  attempt: Attempt,
  callback: Callback,
): Promise<ConsumedAttempt> {
  const open = await withClient(deps, attempt)
  checkBinding(deps, open, callback)
  return { ...open, callback: checkResponse(deps, open.client, callback.params) }
}

/** A callback that was checked before and has been waiting since. @throws AUTHORIZATION_REFUSED, ATTEMPT_OVER */
export async function readCallback(
  deps: Dependencies,
  attempt: Attempt,
  params: Callback["params"],
): Promise<ConsumedAttempt> {
  const open = await withClient(deps, attempt)
  return { ...open, callback: checkResponse(deps, open.client, params) }
}

function checkBinding(deps: Dependencies, { attempt, client }: OpenAttempt, callback: Callback): void {
  if (attempt.expiresAt <= deps.clock.now()) throw attemptOver()
  if (client.context !== callback.context) {
    throw authorizationRefused("The provider called the redirect URI of another connector.")
  }
  if (!isBoundBrowser(attempt, callback.browserSecret)) {
    throw authorizationRefused("This is not the browser in which the connection was started.")
  }
}

export function isBoundBrowser(attempt: Attempt, browserSecret: string | undefined): boolean {
  if (browserSecret === undefined || attempt.browserHash === null) return false
  const given = Buffer.from(sha256Text(browserSecret))
  const bound = Buffer.from(attempt.browserHash)
  return given.length === bound.length && timingSafeEqual(given, bound)
}

/** RFC 6749 section 4.1.2 and RFC 9207 section 2.4. */
function checkResponse(
  deps: Dependencies,
  client: OAuthClient,
  wireParams: Callback["params"],
): URLSearchParams {
  const { authorize, dialect, displayName } = client.definition
  const proven = provenCallback(client, wireParams, deps.clock.now())
  if (!proven)
    throw authorizationRefused(`The callback is not signed by ${displayName} with this client's secret.`)
  const params = new URLSearchParams(dialect.callbackParams?.(proven) ?? proven)
  if (authorize.issuer === null) params.delete("iss")
  const server: AuthorizationServer = {
    issuer: authorize.issuer ?? "https://issuer.invalid",
    authorization_response_iss_parameter_supported: authorize.issParameter === "required",
  }
  try {
    const checked = validateAuthResponse(
      server,
      { client_id: client.clientId },
      params,
      wireParams["state"] ?? "",
    )
    if (!params.get("code")) throw authorizationRefused(`${displayName} sent neither a code nor an error.`)
    return checked
  } catch (error) {
    if (error instanceof AuthorizationResponseError) {
      throw authorizationDenied(
        deniedMessage(displayName, params),
        redirectUri(deps.config.publicUrl, client),
      )
    }
    if (error instanceof OperationProcessingError) {
      throw authorizationRefused(
        `The callback does not come from ${displayName}: its issuer is missing or another's.`,
      )
    }
    if (error instanceof UnsupportedOperationError) {
      throw authorizationRefused(
        "The callback carries tokens: only a code is taken, which this server exchanges itself.",
      )
    }
    throw error
  }
}

function deniedMessage(displayName: string, params: URLSearchParams): string {
  const words = [params.get("error"), params.get("error_description")].filter(
    (word) => word !== null && word !== "",
  )
  return `${displayName} said: ${scrubProviderText(words.join(" — "), 300)}`
}
