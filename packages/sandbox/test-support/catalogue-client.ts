/** Drives an emulated provider by nothing but its entry: data and dialect, as the engine would. */
import {
  accountFromToken,
  configFromToken,
  endpoint,
  identityFromAnswer,
  laidOver,
  readTokenAnswer,
  revocationOutcome,
} from "@grantry/catalog"
import type {
  Account,
  ClientAuthentication,
  ConnectorDefinition,
  DialectContext,
  ReadAnswer,
  RevocationOutcome,
  TokenPhase,
  WireAnswer,
  WireRequest,
} from "@grantry/catalog"
import type { Driver } from "./driver.ts"
import { challenge, inBody, redirectUri, state, verifier } from "./driver.ts"

export type Granted = Extract<ReadAnswer, { readonly kind: "granted" }>
export type Fields = Readonly<Record<string, string>>

export interface Exchange {
  readonly read: ReadAnswer
  /** What was sent, to send it again. */
  readonly fields: Fields
  /** Config values: those asked for, and those that the callback brought. */
  readonly config: Fields
}

/** What is sent besides the phase's own fields. */
export interface TokenSending {
  readonly phase: TokenPhase
  readonly config: Fields
  readonly secret?: string
}

export function askedScopes({ authorize }: ConnectorDefinition): string[] {
  return [...new Set([...authorize.alwaysScopes, ...authorize.defaultScopes])]
}

export function askedConfig({ config }: ConnectorDefinition): Record<string, string> {
  return Object.fromEntries(config.asked.map((field) => [field.name, field.default ?? field.placeholder]))
}

export function place(definition: ConnectorDefinition, template: string, config: Fields): string {
  return endpoint(definition, template, { ...config, ...inBody(definition.type) }).href
}

/** The authorization request without client, redirect URI and state. */
export function authorizationParams(definition: ConnectorDefinition): Record<string, string> {
  const { authorize } = definition
  const usesPkce = authorize.pkce === "required" || authorize.pkce === "supported"
  return {
    response_type: "code",
    ...authorize.extraParams,
    ...(authorize.scopeParam === null
      ? {}
      : { [authorize.scopeParam]: askedScopes(definition).join(authorize.scopeSeparator) }),
    ...(usesPkce ? { code_challenge: challenge, code_challenge_method: "S256" } : {}),
  }
}

/** The whole authorization request in the provider's own words. */
export function wireAuthorization(
  definition: ConnectorDefinition,
  own: Fields = {},
): Readonly<Record<string, string>> {
  const { client_id: clientId } = inBody(definition.type)
  const params = {
    client_id: clientId,
    redirect_uri: redirectUri,
    state,
    ...authorizationParams(definition),
    ...own,
  }
  const scopes = askedScopes(definition)
  const context = { clientId, redirectUri, scopes, config: askedConfig(definition) }
  return definition.dialect.authorizationParams?.(params, context) ?? params
}

export async function exchange(driver: Driver, definition: ConnectorDefinition): Promise<Exchange> {
  const url = place(definition, definition.authorize.url, askedConfig(definition))
  const callback = await driver.callback(definition.type, url, onlyOwn(wireAuthorization(definition)))
  const wireParams = Object.fromEntries(callback.searchParams)
  const params = definition.dialect.callbackParams?.(wireParams) ?? wireParams
  const learned = definition.config.fromCallback.flatMap(({ name, param }) =>
    params[param] === undefined ? [] : [[name, params[param]] as const],
  )
  const config = { ...askedConfig(definition), ...Object.fromEntries(learned) }
  const sendsVerifier = authorizationParams(definition)["code_challenge"] !== undefined
  const fields = {
    grant_type: "authorization_code",
    code: params["code"] ?? "",
    redirect_uri: redirectUri,
    ...(sendsVerifier ? { code_verifier: verifier } : {}),
  }
  return { read: await sendToken(driver, definition, fields, { phase: "exchange", config }), fields, config }
}

/** The driver adds what a plain provider wants; where the dialect renamed it, that must not come twice. */
function onlyOwn(params: Fields): Fields {
  const dropped = ["client_id", "redirect_uri"].filter((name) => params[name] === undefined)
  return { ...params, ...Object.fromEntries(dropped.map((name) => [name, ""])) }
}

export async function refresh(
  driver: Driver,
  definition: ConnectorDefinition,
  token: unknown,
  sending: Omit<TokenSending, "phase">,
): Promise<ReadAnswer> {
  const fields = {
    grant_type: "refresh_token",
    refresh_token: String(token),
    ...(definition.refresh?.sendRedirectUri === true ? { redirect_uri: redirectUri } : {}),
  }
  return sendToken(driver, definition, fields, { ...sending, phase: "refresh" })
}

export async function sendToken(
  driver: Driver,
  definition: ConnectorDefinition,
  fields: Fields,
  sending: TokenSending,
): Promise<ReadAnswer> {
  const context = dialectContext(definition, sending)
  const request = tokenRequest(definition, fields, sending, context)
  const first = await send(driver, definition, request)
  const next = sending.phase === "exchange" ? secondExchange(definition, context, first) : null
  const answer = next ? laidOver(first, await send(driver, definition, next)) : first
  return readTokenAnswer(definition, sending.phase, answer, next ?? request)
}

function secondExchange(
  definition: ConnectorDefinition,
  context: DialectContext,
  first: WireAnswer,
): WireRequest | null {
  const granted = readTokenAnswer(definition, "exchange", first).kind === "granted"
  return granted ? (definition.dialect.secondExchange?.(first, context) ?? null) : null
}

/** Whether a token request of that phase carries the client's secret at all. */
export function sendsSecret(definition: ConnectorDefinition, phase: TokenPhase, config: Fields): boolean {
  const sending = { phase, config, secret: "a-secret-to-look-for" }
  const fields = { grant_type: "refresh_token", refresh_token: "x" }
  const request = tokenRequest(definition, fields, sending, dialectContext(definition, sending))
  const basic = Buffer.from(`${inBody(definition.type).client_id}:${sending.secret}`).toString("base64")
  const text = JSON.stringify(request)
  return text.includes(sending.secret) || text.includes(basic)
}

function dialectContext(
  definition: ConnectorDefinition,
  { phase, config, secret }: TokenSending,
): DialectContext {
  const { client_id: clientId, client_secret: own } = inBody(definition.type)
  const scopes = askedScopes(definition)
  return { phase, clientId, clientSecret: secret ?? own, redirectUri, scopes, config }
}

function tokenRequest(
  definition: ConnectorDefinition,
  fields: Fields,
  { phase, config }: TokenSending,
  context: DialectContext,
): WireRequest {
  const { token, refresh: renewal } = definition
  const template = (phase === "refresh" ? renewal?.url : null) ?? token.url
  const extra = phase === "refresh" ? (renewal?.extraParams ?? {}) : token.extraParams
  const proof = clientProof(token.clientAuth, context)
  const all = { ...fields, ...extra, ...proof.fields }
  const request: WireRequest = {
    method: "POST",
    url: place(definition, template, config),
    headers: { accept: "application/json", ...token.headers, ...proof.headers },
    body: token.body === "json" ? { kind: "json", value: all } : { kind: "form", fields: all },
  }
  return definition.dialect.tokenRequest?.(request, context) ?? request
}

function clientProof(
  way: ClientAuthentication | "none" | "bearer",
  { clientId, clientSecret }: Pick<DialectContext, "clientId" | "clientSecret">,
): { readonly fields: Fields; readonly headers: Fields } {
  if (way === "post") return { fields: { client_id: clientId, client_secret: clientSecret }, headers: {} }
  if (way === "none" || way === "bearer") return { fields: {}, headers: {} }
  const credentials = Buffer.from(`${clientId}:${clientSecret}`).toString("base64")
  return { fields: {}, headers: { authorization: `Basic ${credentials}` } }
}

async function send(
  driver: Driver,
  definition: ConnectorDefinition,
  { body, headers, method, url }: WireRequest,
): Promise<WireAnswer> {
  const json = body?.kind === "json" ? { "content-type": "application/json" } : {}
  const text =
    body === null
      ? null
      : body.kind === "json"
        ? JSON.stringify(body.value)
        : new URLSearchParams(body.fields)
  const answer = await driver.call(definition.type, url, {
    method,
    headers: { ...headers, ...json },
    body: text,
  })
  return { status: answer.status, headers: Object.fromEntries(answer.headers), body: bodyOf(answer.text) }
}

function bodyOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}

/** The account by the token answer and by the identity request; null where that way names nobody. */
export async function accounts(
  driver: Driver,
  definition: ConnectorDefinition,
  read: Granted,
  config: Fields,
): Promise<{ readonly byToken: Account | null; readonly byRequest: Account | null }> {
  const values = { ...config, ...configFromToken(definition, read.json) }
  const byToken = accountFromToken(definition, read.json, values)
  const { request } = definition.identity
  if (!request) return { byToken, byRequest: null }
  const answer = await send(driver, definition, {
    method: request.method,
    url: place(definition, request.url, values),
    headers: { authorization: `Bearer ${String(read.accessToken)}`, ...request.headers },
    body: request.body ? { kind: "json", value: request.body } : null,
  })
  const byRequest = answer.status === 200 ? identityFromAnswer(definition, answer.body, values) : null
  return { byToken, byRequest }
}

export async function revoke(
  driver: Driver,
  definition: ConnectorDefinition,
  read: Granted,
  config: Fields,
): Promise<RevocationOutcome | null> {
  const facts = definition.revocation
  if (!facts) return null
  const best = facts.tokens[0] === "refresh_token" && read.refreshToken !== undefined
  const token = String(best ? read.refreshToken : read.accessToken)
  const { client_id: clientId, client_secret: clientSecret } = inBody(definition.type)
  const proof = clientProof(facts.auth, { clientId, clientSecret })
  const all = { ...(facts.tokenField === null ? {} : { [facts.tokenField]: token }), ...proof.fields }
  const bearer: Fields = facts.auth === "bearer" ? { authorization: `Bearer ${token}` } : {}
  const request: WireRequest = {
    method: facts.method,
    url: place(definition, facts.url, config),
    headers: { ...facts.headers, ...proof.headers, ...bearer },
    body:
      facts.body === "none"
        ? null
        : facts.body === "json"
          ? { kind: "json", value: all }
          : { kind: "form", fields: all },
  }
  const bent = definition.dialect.revocationRequest?.(request, { clientId, clientSecret, config }) ?? request
  return revocationOutcome(definition, await send(driver, definition, bent))
}
