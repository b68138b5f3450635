/**
 * How a service behaves where the catalogue's data does not say it. `standard-profile.ts` derives all of it from an
 * entry; files under `services/` replace the members in which their provider differs.
 */
import type { ClientAuthentication, ConnectorDefinition, PkceSupport } from "@grantry/catalog"
import type { Fault } from "./faults.ts"
import type { Grant, GrantStore, Token } from "./grants.ts"
import type { OauthClient, SettingFact } from "./oauth-client.ts"
import type { ParameterPlace, Parameters } from "./parameters.ts"
import type { Problem } from "./problems.ts"
import type { Reply } from "./reply.ts"
import type { Sandbox } from "./sandbox.ts"
import type { Service } from "./service.ts"
import type { TestAccount } from "./test-accounts.ts"
import type { TokenOutcome, TokenRequest } from "./token-outcome.ts"

/** A provider request as a service sees it. */
export interface ProviderCall {
  readonly method: string
  /** The provider's own URL. */
  readonly url: URL
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: string
  /** Values of the `{name}` parts of the entry's URL: a subdomain, a host. */
  readonly config: Readonly<Record<string, string>>
}

/** Scopes that are asked for together and end up in one token. */
export interface AskedPart {
  readonly part: string
  readonly scopes: readonly string[]
}

/** Where a consent led to. */
export interface Consent {
  readonly client: OauthClient
  readonly account: TestAccount
  readonly params: Parameters
  readonly scopes: readonly string[]
  /** The account has no live grant at this client yet. */
  readonly isFirst: boolean
}

/** A pair of tokens as it was just issued. */
export interface IssuedTokens {
  readonly grant: Grant
  readonly access: Token
  /** null: the answer carries none. */
  readonly refresh: Token | null
  readonly expiresInS: number | null
}

export interface TokenAnswerFacts {
  readonly phase: "exchange" | "refresh"
  readonly definition: ConnectorDefinition
  readonly client: OauthClient
  readonly account: TestAccount
  readonly config: Readonly<Record<string, string>>
  readonly issued: readonly IssuedTokens[]
  readonly call: ProviderCall
  readonly nowMs: number
}

/** A live token and whose it is. */
export interface Bearer {
  readonly definition: ConnectorDefinition
  readonly client: OauthClient
  readonly account: TestAccount
  readonly grant: Grant
  readonly token: Token
}

export interface AuthorizationRefusal {
  /** Most providers show mistakes of the client on a page of theirs and send only decisions back. */
  readonly shownOn: "page" | "callback"
  readonly error: string
  readonly description: string | null
}

/** A token endpoint of another kind than RFC 6749's, such as a GET that renews an access token. */
export interface FurtherTokenEndpoint {
  readonly method: string
  /** URL template. */
  readonly url: string
  /** As what it counts in the request log and for faults. */
  readonly endpoint: "token" | "refresh"
  readonly answer: (sandbox: Sandbox, service: Service, call: ProviderCall, fault: Fault | null) => Reply
}

/** Carries out a token request of one grant type. */
export type GrantHandler = (sandbox: Sandbox, service: Service, request: TokenRequest) => TokenOutcome

export interface PresentedForRevocation {
  readonly call: ProviderCall
  readonly params: Parameters
  readonly token: Token
  /** null: the client is no longer registered. */
  readonly owner: OauthClient | null
  readonly nowMs: number
}

export type RevocationScope = "grant" | "token" | "presented"

export interface ServiceProfile {
  /** Ways of client authentication that the token endpoint takes. */
  readonly clientAuth: readonly ClientAuthentication[]
  /** Whether a code or token that came about with PKCE needs no client secret. */
  readonly secretOptionalWithPkce: (client: OauthClient) => boolean
  readonly tokenBodies: readonly ParameterPlace[]
  /** Names of the authorization request's parameters, turned into those of RFC 6749. */
  readonly authorizationParams: (params: Parameters) => Parameters
  /** Names of the parameters of token and revocation requests, turned into those of RFC 6749. */
  readonly tokenParams: (params: Parameters) => Parameters
  readonly grantTypeOptional: boolean
  readonly grantTypes: Readonly<Record<string, GrantHandler>>
  /** Whether a token request renews what was given before: for the request log and for faults. */
  readonly isRefresh: (params: Parameters, store: GrantStore) => boolean
  readonly furtherTokenEndpoints: readonly FurtherTokenEndpoint[]
  /** The code may be exchanged without repeating the redirect URI. */
  readonly redirectUriOptional: boolean
  readonly responseTypeOptional: boolean
  readonly pkce: (client: OauthClient) => PkceSupport
  readonly pkceMethods: readonly string[]
  /** What S256 makes of a verifier. */
  readonly pkceDigest: (verifier: string) => string
  readonly settings: Readonly<Record<string, SettingFact>>
  /** Whether a scope that the catalogue does not list may exist. */
  readonly plausibleScope: (scope: string) => boolean
  /** New consents widen the token instead of replacing its scopes. */
  readonly scopesAccumulate: boolean
  readonly askedParts: (params: Parameters) => readonly AskedPart[]
  readonly checkAuthorization: (params: Parameters, client: OauthClient) => Problem | null
  readonly authorizationRefusal: (problem: Problem) => AuthorizationRefusal
  /** Parameters of the callback besides `code`, `state` and `iss`. */
  readonly callbackParams: (consent: Consent) => Readonly<Record<string, string>>
  /** Callback parameter that carries the code. */
  readonly codeParam: string
  /** Appended to the callback's URL, without `#`. */
  readonly callbackFragment: string | null
  readonly codeLifetimeS: number
  readonly codeReuseRevokes: boolean
  /** The account is there for codes. */
  readonly mint: (
    kind: "code" | "access" | "refresh",
    part: string,
    client: OauthClient,
    account?: TestAccount,
  ) => string
  /** Who owns the grant: an account, or the workspace that a bot is installed in. */
  readonly subject: (account: TestAccount, part: string) => string
  /** null: access tokens do not expire. */
  readonly accessLifetimeS: (client: OauthClient) => number | null
  /** Whether the token answer tells the lifetime. */
  readonly tellsLifetime: boolean
  readonly refreshLifetimeS: (client: OauthClient) => number | null
  readonly givesRefreshToken: (consent: Consent) => boolean
  /** Refuses a refresh for reasons of its own; null where it is fine. */
  readonly checkRefresh: (params: Parameters, client: OauthClient) => Problem | null
  readonly rotates: (client: OauthClient, presented: Token, nowMs: number) => boolean
  /** A refresh ends the access tokens that came of the same code before. */
  readonly refreshEndsAccess: boolean
  /** Within the grace a refresh that comes again gets the tokens that it got before. */
  readonly reuseRepeats: boolean
  /** Refresh answers repeat a refresh token that was not rotated. */
  readonly echoesRefreshToken: boolean
  readonly reuseGraceS: (client: OauthClient) => number
  readonly reuseEndsGrant: (client: OauthClient) => boolean
  /** Live tokens that one grant may have; the oldest dies silently. null: no limit. */
  readonly maxAccessTokens: (client: OauthClient) => number | null
  readonly maxRefreshTokens: (client: OauthClient) => number | null
  readonly tokenAnswer: (facts: TokenAnswerFacts) => Reply
  readonly tokenProblem: (problem: Problem, call: ProviderCall) => Reply
  /** `presented`: that token alone; `token`: what came of the same code as well; `grant`: everything. */
  readonly revocationEnds: (client: OauthClient, token: Token) => RevocationScope
  /** Refuses a revocation for reasons of its own; null where it is fine. */
  readonly checkRevocation: (presented: PresentedForRevocation) => Problem | null
  readonly revocationAnswer: () => Reply
  readonly revocationProblem: (problem: Problem, call: ProviderCall) => Reply
  /** Further addresses of one of the entry's URL templates, as templates: a self-hosted provider's. */
  readonly alsoAt: (template: string) => readonly string[]
  /** Further revocation endpoints, as URL templates. */
  readonly furtherRevocations: readonly {
    readonly method: string
    readonly url: string
    readonly ends: "grant" | "token"
  }[]
  readonly bearerCaseSensitive: boolean
  /** The access token may come as the query parameter `access_token`. */
  readonly bearerInQuery: boolean
  /** Refuses a request to identity or API for reasons of its own; null where it is fine. */
  readonly checkApiCall: (call: ProviderCall) => Reply | null
  readonly identityMethods: readonly string[]
  readonly identity: (bearer: Bearer, call: ProviderCall) => Reply
  readonly apiAnswer: (bearer: Bearer, call: ProviderCall) => Reply
  readonly apiProblem: (problem: Problem, call: ProviderCall) => Reply
}
