/**
 * The shape of a catalogue entry and its defaults. An entry is data first: everything that the authorization
 * engine, the dashboard, the documentation and the sandbox need to know of a service. What data cannot say goes
 * into the entry's dialect.
 */
import type { Dialect } from "./dialect.ts"
import type { TokenSample } from "./sample.ts"

/** How a client proves itself at an endpoint (RFC 6749 section 2.3.1). `basic_raw` skips the form-encoding of the id and secret that some providers do not undo. */
export type ClientAuthentication = "basic" | "basic_raw" | "post"

/** What a provider does with PKCE (RFC 7636). It is sent when `required` or `supported`. */
export type PkceSupport = "required" | "supported" | "ignored" | "rejected"

/**
 * The refusals that the engine understands: the codes of RFC 6749 section 5.2 and OpenID Connect Core section 3.1.2.6,
 * plus `rate_limited` and `temporarily_unavailable` for providers that say so inside the answer.
 */
export type Refusal =
  | "invalid_grant"
  | "interaction_required"
  | "invalid_client"
  | "unauthorized_client"
  | "invalid_request"
  | "invalid_scope"
  | "unsupported_grant_type"
  | "rate_limited"
  | "temporarily_unavailable"

/**
 * Where a value sits in a JSON answer: keys joined by dots, e.g. `authed_user.access_token`. A number picks from an
 * array (`emails.0.value`); a dot that belongs to a key is written `\\.` (`error.\\.tag`).
 */
export type JsonPath = string

/** Text with `{name}` parts; names are JSON paths for identity templates, config values or `{client_id}` for URLs. */
export type Template = string

/** What people look for it under; `other` unless an entry says. */
export const categories = [
  "communication",
  "calendar",
  "files",
  "documents",
  "projects",
  "development",
  "data",
  "sales",
  "marketing",
  "social",
  "finance",
  "people",
  "websites",
  "other",
] as const
export type Category = (typeof categories)[number]

export interface AuthorizeFacts {
  /** Authorization endpoint; may hold `{name}` parts named in `config.asked`. */
  readonly url: Template
  /** Query parameter that carries the scopes; null where the service has none. */
  readonly scopeParam: string | null
  readonly scopeSeparator: " " | ","
  /** Parameters without which, for example, no refresh token comes. */
  readonly extraParams: Readonly<Record<string, string>>
  readonly pkce: PkceSupport
  /** Asked for besides the connector's own scopes: those that name the account or bring a refresh token. */
  readonly alwaysScopes: readonly string[]
  /** Used when a connector names no scopes. */
  readonly defaultScopes: readonly string[]
  /** Exact value of the `iss` callback parameter (RFC 9207), where it is known. */
  readonly issuer: string | null
  /** Whether `iss` comes back: `required` where the provider advertises it. */
  readonly issParameter: "optional" | "required"
  /** Query parameter that preselects the account, e.g. `login_hint`. */
  readonly loginHintParam: string | null
}

/**
 * Reads a refusal out of an answer: the first rule whose every given part matches wins. An answer of 429 or 500 and
 * above speaks of the moment, not of the grant: only a rule that names that status reads more out of it.
 */
export interface RefusalRule {
  readonly status?: number
  /** Value at `errorPaths`. */
  readonly error?: string
  /** A value at `errorSubtypePaths`, e.g. of Google's `error_subtype` or Microsoft's `suberror`. */
  readonly subtype?: string
  /** A part of the description, compared without case. */
  readonly descriptionIncludes?: string
  readonly means: Refusal
}

/** Paths are tried in order; the first that holds a value wins. */
export interface TokenAnswerPaths {
  readonly accessToken: readonly JsonPath[]
  readonly refreshToken: readonly JsonPath[]
  readonly expiresIn: readonly JsonPath[]
  /** Where the answer holds the moment of expiry instead of a lifetime: an ISO 8601 date or seconds since 1970. */
  readonly expiresAt: readonly JsonPath[]
  readonly scope: readonly JsonPath[]
}

/** How a token request is sent and its answer read. */
export interface TokenFacts {
  readonly url: Template
  readonly body: "form" | "json"
  readonly clientAuth: ClientAuthentication
  readonly headers: Readonly<Record<string, string>>
  /** Added to the code exchange. */
  readonly extraParams: Readonly<Record<string, string>>
  readonly answer: TokenAnswerPaths
  /** Separators of the granted scopes; the answer may also hold an array. */
  readonly answerScopeSeparators: readonly string[]
  /** The first that holds text is the error code; used for the answers of revocation too. */
  readonly errorPaths: readonly JsonPath[]
  readonly errorDescriptionPaths: readonly JsonPath[]
  /** A rule's `subtype` may stand at any of these. */
  readonly errorSubtypePaths: readonly JsonPath[]
  readonly refusals: readonly RefusalRule[]
  /** Life of an access token in seconds as the provider gives it; null = it does not expire. The sandbox uses it. */
  readonly lifetimeS: number | null
  /** Seconds after which a token without an `expires_in` is refreshed; null = never. */
  readonly assumedLifetimeS: number | null
}

export interface RefreshFacts {
  /** Defaults to the token endpoint. */
  readonly url: Template | null
  /** `sometimes`: a setting of the OAuth app decides. */
  readonly rotates: boolean | "sometimes"
  /** Seconds for which a used refresh token still works; 0 = none, null = unknown. */
  readonly reuseGraceS: number | null
  readonly extraParams: Readonly<Record<string, string>>
  readonly sendRedirectUri: boolean
  /** Names the granted scopes in the request (RFC 6749 section 6), for providers that ask for them. */
  readonly sendScopes: boolean
  /**
   * true: a setting or the kind of the OAuth app decides whether a grant comes with a refresh token at all; without one
   * the access token does not expire, or the person consents again when it does.
   */
  readonly optional: boolean
  /**
   * Seconds after which an access token is refreshed however long it still lives: for providers that ask for it, and
   * for tokens that can be refreshed only while they are alive. null: shortly before its end.
   */
  readonly dueAfterS: number | null
  /**
   * Seconds after which a refresh token that nobody uses lapses, where each use renews it: it is used in time. null: it
   * does not lapse, or its end cannot be moved.
   */
  readonly idleLifetimeS: number | null
  /** true: what refreshes is the access token itself, so that nothing refreshes an expired one. */
  readonly requiresLiveToken: boolean
  /** Where the refresh answer differs from the exchange's; null = the same paths. */
  readonly answer: TokenAnswerPaths | null
}

export interface RevocationFacts {
  readonly url: Template
  readonly method: "POST" | "DELETE" | "GET"
  readonly body: "form" | "json" | "none"
  /** Field that carries the token; null when it goes into the Authorization header. */
  readonly tokenField: string | null
  /** Which token to present, best first. */
  readonly tokens: readonly ("refresh_token" | "access_token")[]
  /** `first`: the best one at hand ends the others too; `every`: each one at hand needs a request of its own. */
  readonly presents: "first" | "every"
  /** An expired access token is refused: refresh before revoking with it. */
  readonly requiresLiveToken: boolean
  readonly auth: "none" | "bearer" | ClientAuthentication
  readonly headers: Readonly<Record<string, string>>
  /** `grant`: every token of that account at that OAuth client dies; `token`: the presented one and what hangs on it. */
  readonly ends: "grant" | "token"
  /** Answers that mean that the token was dead already. */
  readonly alreadyDead: readonly { readonly status: number; readonly error?: string }[]
}

/**
 * Names the account behind a grant: from the token answer, else by one request. Besides the paths of the answer, a
 * template may name `{config.<name>}`, a config value of the connection.
 */
export interface IdentityFacts {
  readonly fromToken: { readonly id: readonly Template[]; readonly label: readonly Template[] } | null
  /** Sent with `Authorization: Bearer <access token>`; a POST without `body` has no content type either. */
  readonly request: {
    readonly method: "GET" | "POST"
    readonly url: Template
    readonly headers: Readonly<Record<string, string>>
    /** Sent as JSON, e.g. a GraphQL query. */
    readonly body?: Readonly<Record<string, unknown>>
    readonly id: readonly Template[]
    readonly label: readonly Template[]
  } | null
}

/** A value that the provider's URLs need and that a person has to give, e.g. a subdomain. */
export interface ConfigField {
  readonly name: string
  readonly displayName: string
  readonly description: string
  readonly placeholder: string
  readonly required: boolean
  /** Used when the caller gives none. */
  readonly default: string | null
  /** Anchored regular expression: the whole value must match. */
  readonly pattern: string
  readonly patternError: string
  /** Where the value becomes (part of) a host name: the host must be one of these or end in `.` + one of these. */
  readonly hostSuffixes: readonly string[]
  /**
   * true: the value is the whole name of a host that anybody may run. Codes and the client's secret go there, so it
   * belongs to the OAuth client: it is set where the secret is, the default stands where it is not, and whoever
   * connects an account can neither give nor change it.
   */
  readonly selfHosted: boolean
}

/** A value that arrives with the token. */
export interface LearnedValue {
  readonly name: string
  readonly path: JsonPath
  /** Where the value is an origin or a host: it must be one of these or end in `.` + one of these. */
  readonly hostSuffixes?: readonly string[]
  /** true: a host name alone (`app-eu.wrike.com`); otherwise a value with `hostSuffixes` is an origin. */
  readonly isHost?: boolean
}

/** Values that only a call of the API tells: one GET with the access token, after a consent. */
export interface ApiLookup {
  readonly url: Template
  readonly headers: Readonly<Record<string, string>>
  readonly values: readonly LearnedValue[]
}

export interface ConfigFacts {
  readonly asked: readonly ConfigField[]
  /** Several entries may name one value: the last whose path holds one wins. */
  readonly fromToken: readonly LearnedValue[]
  readonly fromCallback: readonly { readonly name: string; readonly param: string }[]
  /** Read from the answer to `identity.request`. */
  readonly fromIdentity: readonly LearnedValue[]
  /** A connection does without these where the call fails. */
  readonly fromApi: readonly ApiLookup[]
}

/** Where the API is and what it wants besides the token. */
export interface ApiFacts {
  readonly baseUrls: readonly Template[]
  readonly headers: Readonly<Record<string, string>>
  /** A field that is false in every failed answer, whatever the status (Slack's `ok`). */
  readonly successPath: JsonPath | null
}

export interface ScopeFact {
  readonly scope: string
  /** What it allows, in plain words, as shown to the person who consents. */
  readonly meaning: string
}

export interface SetupFacts {
  /** Console in which an OAuth app is registered. */
  readonly registerUrl: string
  readonly documentationUrl: string
  /** What goes wrong and how to avoid it, one sentence each. */
  readonly pitfalls: readonly string[]
}

/** How loosely a provider spells a scope between the request and the answer. */
export interface ScopeSpelling {
  readonly ignoresCase: boolean
  /** May or may not stand before a scope without changing it, e.g. `https://graph.microsoft.com/`. */
  readonly optionalPrefix: string | null
}

/** One service of the catalogue, complete. */
export interface ConnectorDefinition {
  readonly type: string
  readonly displayName: string
  readonly description: string
  readonly category: Category
  /** Entries of one family share an OAuth client at the provider. */
  readonly family: string | null
  readonly authorize: AuthorizeFacts
  readonly token: TokenFacts
  /** null: access tokens are never refreshed. */
  readonly refresh: RefreshFacts | null
  readonly revocation: RevocationFacts | null
  readonly identity: IdentityFacts
  readonly config: ConfigFacts
  readonly api: ApiFacts
  readonly scopes: readonly ScopeFact[]
  /** Other spellings under which the provider reports a scope: reported → requested. */
  readonly scopeAliases: Readonly<Record<string, string>>
  readonly scopeSpelling: ScopeSpelling
  /** Scopes that the provider drops from its answer because a granted one contains them: granted → contained. */
  readonly scopeImplies: Readonly<Record<string, readonly string[]>>
  readonly setup: SetupFacts
  readonly dialect: Dialect
  /** "This on the wire means that": run by the catalogue's contract test. */
  readonly samples: readonly TokenSample[]
}

/** Members of T that have a default may be left out, one level deep. */
type Section<T, Required extends keyof T> = Partial<T> & Pick<T, Required>

export interface ConnectorInput {
  readonly type: string
  readonly displayName: string
  readonly description: string
  readonly category?: Category
  readonly family?: string
  readonly authorize: Section<AuthorizeFacts, "url">
  readonly token: Partial<Omit<TokenFacts, "answer">> &
    Pick<TokenFacts, "url" | "clientAuth" | "lifetimeS"> & { readonly answer?: Partial<TokenAnswerPaths> }
  readonly refresh:
    | (Partial<Omit<RefreshFacts, "answer">> &
        Pick<RefreshFacts, "rotates" | "reuseGraceS"> & { readonly answer?: Partial<TokenAnswerPaths> })
    | null
  readonly revocation: Section<RevocationFacts, "url" | "tokens" | "auth" | "ends"> | null
  readonly identity: Partial<IdentityFacts>
  readonly config?: {
    readonly asked?: readonly (Pick<
      ConfigField,
      "name" | "displayName" | "description" | "pattern" | "patternError"
    > &
      Partial<ConfigField>)[]
    readonly fromToken?: ConfigFacts["fromToken"]
    readonly fromCallback?: ConfigFacts["fromCallback"]
    readonly fromIdentity?: ConfigFacts["fromIdentity"]
    readonly fromApi?: readonly (Pick<ApiLookup, "url" | "values"> & Partial<ApiLookup>)[]
  }
  readonly api: Section<ApiFacts, "baseUrls">
  readonly scopes: readonly ScopeFact[]
  readonly scopeAliases?: Readonly<Record<string, string>>
  readonly scopeSpelling?: Partial<ScopeSpelling>
  readonly scopeImplies?: Readonly<Record<string, readonly string[]>>
  readonly setup: SetupFacts
  readonly dialect?: Dialect
  readonly samples: readonly TokenSample[]
}

const rfcAnswer: TokenAnswerPaths = {
  accessToken: ["access_token"],
  refreshToken: ["refresh_token"],
  expiresIn: ["expires_in"],
  expiresAt: [],
  scope: ["scope"],
}

/**
 * Completes an entry with the defaults of a provider that follows RFC 6749 to the letter.
 *
 * @param input what is known of the service; what is left out follows the standard
 * @returns the complete entry, frozen through and through
 */
export function defineConnector(input: ConnectorInput): ConnectorDefinition {
  return deepFreeze({
    ...input,
    category: input.category ?? "other",
    family: input.family ?? null,
    authorize: authorizeFacts(input.authorize),
    token: tokenFacts(input.token),
    refresh: input.refresh && refreshFacts(input.refresh),
    revocation: input.revocation && revocationFacts(input.revocation),
    identity: { fromToken: null, request: null, ...input.identity },
    config: configFacts(input.config ?? {}),
    api: { headers: {}, successPath: null, ...input.api },
    scopeAliases: input.scopeAliases ?? {},
    scopeSpelling: { ignoresCase: false, optionalPrefix: null, ...input.scopeSpelling },
    scopeImplies: input.scopeImplies ?? {},
    dialect: input.dialect ?? {},
  })
}

function authorizeFacts(input: ConnectorInput["authorize"]): AuthorizeFacts {
  return {
    scopeParam: "scope",
    scopeSeparator: " ",
    extraParams: {},
    pkce: "supported",
    alwaysScopes: [],
    defaultScopes: [],
    issuer: null,
    issParameter: "optional",
    loginHintParam: null,
    ...input,
  }
}

function tokenFacts(input: ConnectorInput["token"]): TokenFacts {
  return {
    body: "form",
    headers: {},
    extraParams: {},
    answerScopeSeparators: [" "],
    errorPaths: ["error"],
    errorDescriptionPaths: ["error_description"],
    errorSubtypePaths: ["error_subtype"],
    refusals: [],
    assumedLifetimeS: null,
    ...input,
    answer: { ...rfcAnswer, ...input.answer },
  }
}

function refreshFacts(input: NonNullable<ConnectorInput["refresh"]>): RefreshFacts {
  return {
    url: null,
    extraParams: {},
    sendRedirectUri: false,
    sendScopes: false,
    optional: false,
    dueAfterS: null,
    idleLifetimeS: null,
    requiresLiveToken: false,
    ...input,
    answer: input.answer ? { ...rfcAnswer, ...input.answer } : null,
  }
}

function revocationFacts(input: NonNullable<ConnectorInput["revocation"]>): RevocationFacts {
  return {
    method: "POST",
    body: "form",
    tokenField: "token",
    presents: "first",
    requiresLiveToken: false,
    headers: {},
    alreadyDead: [],
    ...input,
  }
}

function configFacts(input: NonNullable<ConnectorInput["config"]>): ConfigFacts {
  const fieldDefaults = {
    placeholder: "",
    required: true,
    default: null,
    hostSuffixes: [],
    selfHosted: false,
  }
  return {
    asked: (input.asked ?? []).map((field) => ({ ...fieldDefaults, ...field })),
    fromToken: input.fromToken ?? [],
    fromCallback: input.fromCallback ?? [],
    fromIdentity: input.fromIdentity ?? [],
    fromApi: (input.fromApi ?? []).map((lookup) => ({ headers: {}, ...lookup })),
  }
}

/** An entry is shared by every request of the process, so no caller may change any part of it. */
function deepFreeze<T extends object>(value: T): T {
  for (const part of Object.values(value)) {
    if (typeof part === "object" && part !== null && !Object.isFrozen(part)) deepFreeze(part)
  }
  return Object.freeze(value)
}
