/** `oidc-provider`, a certified authorization server that nobody here wrote, on the loopback interface. */
import { generateKeyPairSync } from "node:crypto"
import { setTimeout as sleep } from "node:timers/promises"
import Provider, { type ClientMetadata, type Configuration } from "oidc-provider"
import { memoryAdapters } from "./oidc-memory-adapter.ts"
import { plant } from "../harness/canaries/planted.ts"
import { issuer } from "./openid-connector.ts"
import { closeServer, listenLocally, openIdServer } from "./openid-decision.ts"

/** One request to the token endpoint, as the provider read and answered it. */
interface SeenTokenRequest {
  readonly grantType: string
  readonly refreshToken: string | undefined
  readonly status: number
  readonly answer: Readonly<Record<string, unknown>>
}

export interface OpenIdProvider extends AsyncDisposable {
  readonly url: string
  /** Oldest first. */
  readonly tokenRequests: readonly SeenTokenRequest[]
  /** What the person does from now on. */
  decision: "approve" | "deny"
  /** Life of the access tokens that are issued from now on. */
  accessTokenLifeS: number
  /** How long the token endpoint takes to answer. */
  tokenDelayMs: number
}

export interface OpenIdClient {
  readonly id: string
  readonly secret: string
  readonly authentication: "client_secret_basic" | "client_secret_post"
  readonly redirectUri: string
}

export async function startOpenIdProvider(clients: readonly OpenIdClient[]): Promise<OpenIdProvider> {
  const settings: Pick<OpenIdProvider, "decision" | "accessTokenLifeS" | "tokenDelayMs"> = {
    decision: "approve",
    accessTokenLifeS: 60,
    tokenDelayMs: 0,
  }
  const provider = new Provider(issuer, configuration(clients, settings))
  const tokenRequests: SeenTokenRequest[] = []
  recordTokenRequests(provider, tokenRequests, settings)
  const server = openIdServer(provider, () => ({ accountId: "ada", decision: settings.decision }))
  return Object.assign(settings, {
    url: await listenLocally(server),
    tokenRequests,
    [Symbol.asyncDispose]: () => closeServer(server),
  })
}

function configuration(
  clients: readonly OpenIdClient[],
  settings: Pick<OpenIdProvider, "accessTokenLifeS">,
): Configuration {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" })
  const dayS = 86_400
  return {
    adapter: memoryAdapters(),
    clients: clients.map(clientMetadata),
    jwks: { keys: [{ ...privateKey.export({ format: "jwk" }), kid: "one", use: "sig", alg: "ES256" }] },
    enabledJWA: { idTokenSigningAlgValues: ["ES256"] },
    cookies: { keys: ["only for tests"] },
    // Otherwise tokens live 15 s longer than they say.
    clockTolerance: 0,
    claims: { openid: ["sub"], email: ["email"] },
    scopes: ["openid", "offline_access"],
    findAccount: (_ctx, accountId) => ({
      accountId,
      claims: async () => ({ sub: accountId, email: `${accountId}@op.test` }),
    }),
    features: {
      devInteractions: { enabled: false },
      revocation: {
        enabled: true,
        allowedPolicy: async (_ctx, client, token) => token.clientId === client.clientId,
      },
    },
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    pkce: { required: () => true },
    // A used refresh token that comes back ends the grant (RFC 9700 section 4.14.2).
    rotateRefreshToken: true,
    ttl: {
      AccessToken: () => settings.accessTokenLifeS,
      RefreshToken: dayS,
      Grant: dayS,
      IdToken: 60,
      Interaction: 600,
      Session: dayS,
    },
  }
}

function clientMetadata({ id, secret, authentication, redirectUri }: OpenIdClient): ClientMetadata {
  return {
    client_id: id,
    client_secret: secret,
    token_endpoint_auth_method: authentication,
    redirect_uris: [redirectUri],
    response_types: ["code"],
    grant_types: ["authorization_code", "refresh_token"],
    id_token_signed_response_alg: "ES256",
  }
}

function recordTokenRequests(
  provider: Provider,
  seen: SeenTokenRequest[],
  settings: Pick<OpenIdProvider, "tokenDelayMs">,
): void {
  provider.use(async (ctx, next) => {
    if (ctx.path !== "/token") return next()
    await sleep(settings.tokenDelayMs)
    await next()
    const params: Record<string, unknown> = { ...ctx.oidc?.params }
    const refreshToken = params["refresh_token"]
    seen.push({
      grantType: String(params["grant_type"]),
      refreshToken: typeof refreshToken === "string" ? refreshToken : undefined,
      status: ctx.status,
      answer: { ...Object(ctx.body) },
    })
    for (const name of ["access_token", "refresh_token", "id_token"])
      plant(name, String(Object(ctx.body)[name] ?? ""))
  })
}
