/** The click on the connect page: binds the attempt to this browser and leads to the provider's consent page. */
import { checkConfigValues, type ConnectorDefinition } from "@grantry/catalog"
import { generateRandomCodeVerifier } from "oauth4webapi"
import { redirectUri } from "../connections/oauth-clients.ts"
import { GrantryError } from "../errors.ts"
import { authorizationUrl, takesPkce } from "../oauth/authorization-url.ts"
import { newSecret, sha256Text } from "../random.ts"
import type { Services } from "../services.ts"
import { attemptContext, findAttempt } from "./find-attempt.ts"
import { refuseOwnConfig } from "./own-config.ts"
import { attemptOver } from "./refusals.ts"

type Dependencies = Pick<Services, "storage" | "clock" | "clients" | "config" | "vault" | "protocol">

/**
 * @param browserSecret the cookie of the browser that clicked
 * @param given the form's config values
 * @returns where the browser goes
 * @throws ATTEMPT_OVER; INVALID_REQUEST naming the config field
 */
export async function sendToProvider(
  deps: Dependencies,
  attemptId: string,
  browserSecret: string,
  given: Readonly<Record<string, string>>,
): Promise<URL> {
  const { attempt, client } = await findAttempt(deps, attemptId, ["pending", "at_provider"])
  refuseOwnConfig(client.ownConfig, client.definition, given)
  const config = completeConfig(client.definition, { ...attempt.config, ...given, ...client.ownConfig })
  const state = newSecret()
  const codeVerifier = takesPkce(client) ? generateRandomCodeVerifier() : null
  const url = await authorizationUrl(deps.protocol.address, {
    client,
    config,
    redirectUri: redirectUri(deps.config.publicUrl, client),
    scopes: attempt.requestedScopes,
    state,
    codeVerifier,
    loginHint: attempt.loginHint,
  })
  const bound = await deps.storage.attempts.sendToProvider(attempt.id, deps.clock.now(), {
    browserHash: sha256Text(browserSecret),
    stateHash: sha256Text(state),
    sealedVerifier:
      codeVerifier === null
        ? null
        : await deps.vault.seal(attemptContext(attempt, "code_verifier"), codeVerifier),
    config,
  })
  if (!bound) throw attemptOver()
  return url
}

function completeConfig(
  definition: ConnectorDefinition,
  values: Readonly<Record<string, string>>,
): Record<string, string> {
  const checked = checkConfigValues(definition.config.asked, values)
  if (checked.ok) return checked.values
  throw new GrantryError("INVALID_REQUEST", 400, checked.message, { body: { field: checked.field } })
}
