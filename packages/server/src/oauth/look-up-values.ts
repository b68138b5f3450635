/** Config values that neither the token nor the identity tells: one call of the API each, after a consent. */
import { type ApiLookup, ConfigValueError, configFromApi, endpoint } from "@grantry/catalog"
import { OutboundError } from "../outbound/outbound.ts"
import type { Services } from "../services.ts"
import type { OAuthClient } from "./oauth-client.ts"
import type { IssuedGrant } from "./outcome.ts"
import { sendToProvider } from "./protocol-client.ts"

type Dependencies = Pick<Services, "protocol" | "log">
type Values = Readonly<Record<string, string>>

/** @returns what could be learned: the connection is worth having without the rest */
export async function lookUpValues(
  deps: Dependencies,
  client: OAuthClient,
  grant: IssuedGrant,
  known: Values,
): Promise<Values> {
  // What the person gave or the provider told already stands.
  const lookups = client.definition.config.fromApi.filter(({ values }) =>
    values.some(({ name }) => !Object.hasOwn(known, name)),
  )
  const values = await Promise.all(lookups.map((lookup) => lookUp(deps, client, grant, { lookup, known })))
  return Object.assign({}, ...values)
}

async function lookUp(
  { log, protocol }: Dependencies,
  client: OAuthClient,
  { accessToken }: IssuedGrant,
  { known, lookup }: { readonly lookup: ApiLookup; readonly known: Values },
): Promise<Values> {
  try {
    const url = endpoint(client.definition, lookup.url, { ...known, ...client.ownConfig }).href
    const headers = { authorization: `Bearer ${accessToken}`, ...lookup.headers }
    const { body, status } = await sendToProvider(protocol, client, {
      method: "GET",
      url,
      headers,
      body: null,
    })
    if (status === 200) return configFromApi(lookup, body)
    log.warn(
      { status, type: client.definition.type },
      "the provider refused a call for the values of a new connection",
    )
  } catch (error) {
    // A learned value may not be fit for the address.
    if (!(error instanceof OutboundError) && !(error instanceof ConfigValueError)) throw error
    log.warn(
      { err: error, type: client.definition.type },
      "a call for the values of a new connection got no answer",
    )
  }
  return {}
}
