/**
 * How a service behaves where the catalogue's data does not say it. `standard-profile.ts` derives all of it from an
 * entry; files under `services/` replace the members in which their provider differs.
 */
import type { ClientAuthentication, ConnectorDefinition, PkceSupport } from "@grantry/catalog"
import type { Grant, Token } from "./grants.ts"
import type { OauthClient, SettingFact } from "./oauth-client.ts"
import type { BodyFormat, Parameters } from "./parameters.ts"
import type { Problem } from "./problems.ts"
import type { Reply } from "./reply.ts"
import type { TestAccount } from "./test-accounts.ts"

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

export type RevocationScope = "grant" | "token" | "presented"

export interface ServiceProfile {
  /** Ways of client authentication that the token endpoint takes. */
  readonly clientAuth: readonly ClientAuthentication[]
  /** Whether a code or token that came about with PKCE needs no client secret. */
  readonly secretOptionalWithPkce: (client: OauthClient) => boolean
  readonly tokenBodies: readonly BodyFormat[]
  readonly grantTypeOptional: boolean
  readonly responseTypeOptional: boolean
  readonly pkce: (client: OauthClient) => PkceSupport
  readonly pkceMethods: readonly string[]
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
  readonly codeLifetimeS: number
  readonly codeReuseRevokes: boolean
  readonly mint: (kind: "code" | "access" | "refresh", part: string, client: OauthClient) => string
  /** Who owns the grant: an account, or the workspace that a bot is installed in. */
  readonly subject: (account: TestAccount, part: string) => string
  /** null: access tokens do not expire. */
  readonly accessLifetimeS: (client: OauthClient) => number | null
  /** Whether the token answer tells the lifetime. */
  readonly tellsLifetime: boolean
  readonly refreshLifetimeS: (client: OauthClient) => number | null
  readonly givesRefreshToken: (consent: Consent) => boolean
  readonly rotates: (client: OauthClient) => boolean
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
  readonly revocationAnswer: () => Reply
  readonly revocationProblem: (problem: Problem, call: ProviderCall) => Reply
  /** Further revocation endpoints, as URL templates. */
  readonly furtherRevocations: readonly {
    readonly method: string
    readonly url: string
    readonly ends: "grant" | "token"
  }[]
  readonly bearerCaseSensitive: boolean
  /** Refuses a request to identity or API for reasons of its own; null where it is fine. */
  readonly checkApiCall: (call: ProviderCall) => Reply | null
  readonly identityMethods: readonly string[]
  readonly identity: (bearer: Bearer) => Reply
  readonly apiAnswer: (bearer: Bearer, call: ProviderCall) => Reply
  readonly apiProblem: (problem: Problem, call: ProviderCall) => Reply
}
