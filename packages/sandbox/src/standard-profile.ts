/** What follows from an entry's data for a provider that keeps to the standards. */
import type { ConnectorDefinition } from "@grantry/catalog"
import { createHash, randomBytes } from "node:crypto"
import { exchangeCode } from "./exchange-code.ts"
import type { OauthClient, SettingFact } from "./oauth-client.ts"
import { settingNumber, switchedOn } from "./oauth-client.ts"
import type { Parameters } from "./parameters.ts"
import { refreshTokens } from "./refresh-tokens.ts"
import type { Problem } from "./problems.ts"
import { standardError } from "./problems.ts"
import { emptyReply } from "./reply.ts"
import type { AskedPart, AuthorizationRefusal, Consent, ServiceProfile } from "./service-profile.ts"
import {
  standardApiAnswer,
  standardApiProblem,
  standardIdentity,
  standardRevocationProblem,
  standardTokenAnswer,
  tokenProblemAt,
} from "./standard-answers.ts"

export function standardProfile(definition: ConnectorDefinition): ServiceProfile {
  return { ...authorizationRules(definition), ...lifeRules(definition), ...answers(definition) }
}

function authorizationRules(definition: ConnectorDefinition) {
  const { clientAuth, body } = definition.token
  return {
    clientAuth: [clientAuth],
    secretOptionalWithPkce: () => false,
    tokenBodies: [body],
    authorizationParams: (params: Parameters) => params,
    tokenParams: (params: Parameters) => params,
    grantTypeOptional: false,
    grantTypes: { authorization_code: exchangeCode, refresh_token: refreshTokens },
    isRefresh: (params: Parameters) => params.get("grant_type") === "refresh_token",
    furtherTokenEndpoints: [],
    redirectUriOptional: false,
    responseTypeOptional: false,
    pkce: () => definition.authorize.pkce,
    pkceMethods: ["S256"],
    pkceDigest: (verifier: string) => createHash("sha256").update(verifier).digest("base64url"),
    settings: settingsOf(definition),
    plausibleScope: () => false,
    scopesAccumulate: false,
    askedParts: (params: Parameters) => [standardPart(definition, params)],
    checkAuthorization: () => null,
    authorizationRefusal: standardRefusal,
    callbackParams: () => madeUpCallbackParams(definition),
    codeParam: "code",
    callbackFragment: null,
    codeLifetimeS: 600,
    codeReuseRevokes: true,
  } satisfies Partial<ServiceProfile>
}

function lifeRules(definition: ConnectorDefinition) {
  return {
    mint: (kind: "code" | "access" | "refresh") => `${kind[0]}_${randomBytes(24).toString("base64url")}`,
    subject: (account) => account.email,
    accessLifetimeS: (client: OauthClient) => settingNumber(client, "access_token_lifetime_s"),
    tellsLifetime: true,
    refreshLifetimeS: (client: OauthClient) => settingNumber(client, "refresh_token_lifetime_s"),
    givesRefreshToken: (consent: Consent) =>
      definition.refresh !== null && asksForOffline(definition, consent),
    checkRefresh: () => null,
    rotates: (client: OauthClient) => switchedOn(client, "rotation"),
    refreshEndsAccess: false,
    reuseRepeats: false,
    echoesRefreshToken: false,
    reuseGraceS: (client: OauthClient) => settingNumber(client, "reuse_grace_s") ?? 0,
    reuseEndsGrant: (client: OauthClient) => switchedOn(client, "reuse_ends_grant"),
    maxAccessTokens: () => null,
    maxRefreshTokens: () => null,
  } satisfies Partial<ServiceProfile>
}

function answers(definition: ConnectorDefinition) {
  return {
    tokenAnswer: standardTokenAnswer,
    tokenProblem: (problem: Problem) => tokenProblemAt(definition, problem),
    revocationEnds: () => definition.revocation?.ends ?? "token",
    checkRevocation: () => null,
    revocationAnswer: () => emptyReply(200),
    revocationProblem: (problem: Problem) => standardRevocationProblem(definition, problem),
    alsoAt: () => [],
    furtherRevocations: [],
    bearerCaseSensitive: false,
    bearerInQuery: definition.identity.request?.url.includes("access_token={access_token}") === true,
    checkApiCall: () => null,
    identityMethods: definition.identity.request ? [definition.identity.request.method] : [],
    identity: standardIdentity,
    apiAnswer: (bearer, call) => standardApiAnswer(bearer, call.url.pathname),
    apiProblem: standardApiProblem,
  } satisfies Partial<ServiceProfile>
}

/** What every OAuth client can be given in the sandbox, with the provider's own values at first. */
function settingsOf(definition: ConnectorDefinition): Record<string, SettingFact> {
  return {
    access_token_lifetime_s: {
      initial: definition.token.lifetimeS,
      kind: "seconds",
      meaning: "life of an access token; null: it does not expire",
    },
    refresh_token_lifetime_s: {
      initial: null,
      kind: "seconds",
      meaning: "life of a refresh token; null: no end",
    },
    rotation: {
      initial: definition.refresh?.rotates === true,
      kind: "switch",
      meaning: "refreshing gives a new refresh token and uses up the old one",
    },
    reuse_grace_s: {
      initial: definition.refresh?.reuseGraceS ?? null,
      kind: "seconds",
      meaning: "how long a used refresh token still works; null: not at all",
    },
    reuse_ends_grant: {
      initial: false,
      kind: "switch",
      meaning: "presenting a used refresh token ends the whole grant",
    },
  }
}

function standardPart(definition: ConnectorDefinition, params: Parameters): AskedPart {
  const { scopeParam, scopeSeparator, defaultScopes } = definition.authorize
  if (scopeParam === null) return { part: "main", scopes: [] }
  const text = params.get(scopeParam)
  return { part: "main", scopes: text === undefined ? defaultScopes : splitScopes(text, scopeSeparator) }
}

export function splitScopes(text: string, separator: string): string[] {
  return [...new Set(text.split(separator).map((scope) => scope.trim()))].filter((scope) => scope !== "")
}

function standardRefusal(problem: Problem): AuthorizationRefusal {
  const error = problem.kind === "unknown_client" ? "unauthorized_client" : standardError(problem.kind)
  return { shownOn: "callback", error, description: problem.detail }
}

function madeUpCallbackParams(definition: ConnectorDefinition): Record<string, string> {
  return Object.fromEntries(
    definition.config.fromCallback.map(({ name, param }) => [param, `sandbox-${name}`]),
  )
}

const offlineScope = /^(offline|offline[._]access|refresh_token)$/

/** A refresh token comes only where the request did what the entry's data does to get one. */
function asksForOffline(definition: ConnectorDefinition, consent: Consent): boolean {
  const { alwaysScopes, defaultScopes, extraParams } = definition.authorize
  const needed = [...alwaysScopes, ...defaultScopes].some((scope) => offlineScope.test(scope))
  if (needed && !consent.scopes.some((scope) => offlineScope.test(scope))) return false
  return Object.entries(extraParams)
    .filter(([, value]) => value === "offline")
    .every(([name, value]) => consent.params.get(name) === value)
}
