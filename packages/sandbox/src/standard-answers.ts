/** Answers built from an entry's paths alone, for services whose data suffices. */
import type { ConnectorDefinition, LearnedValue, Template, TokenAnswerPaths } from "@grantry/catalog"
import type { Problem } from "./problems.ts"
import { standardError, standardStatus } from "./problems.ts"
import type { Reply } from "./reply.ts"
import { emptyReply, jsonReply } from "./reply.ts"
import type { Bearer, IssuedTokens, TokenAnswerFacts } from "./service-profile.ts"
import type { TestAccount } from "./test-accounts.ts"

type Tree = { [key: string]: unknown }

export function standardTokenAnswer(facts: TokenAnswerFacts): Reply {
  const answer: Tree = {}
  const { definition } = facts
  const paths = (facts.phase === "refresh" ? definition.refresh?.answer : null) ?? definition.token.answer
  for (const issued of facts.issued) putTokens(answer, definition, paths, issued)
  for (const value of definition.config.fromToken) put(answer, value.path, learnedValue(value, facts.config))
  const named = definition.identity.fromToken
  if (named) putAccount(answer, named.id, named.label, facts.account)
  return jsonReply(200, answer)
}

function putTokens(
  answer: Tree,
  definition: ConnectorDefinition,
  paths: TokenAnswerPaths,
  issued: IssuedTokens,
): void {
  const separator = definition.token.answerScopeSeparators[0] ?? " "
  put(answer, "token_type", "bearer")
  put(answer, paths.accessToken[0], issued.access.value)
  if (issued.refresh) put(answer, paths.refreshToken[0], issued.refresh.value)
  if (issued.expiresInS !== null) put(answer, paths.expiresIn[0], issued.expiresInS)
  if (definition.authorize.scopeParam !== null)
    put(answer, paths.scope[0], issued.access.scopes.join(separator))
}

function learnedValue(
  { name, hostSuffixes, isHost }: LearnedValue,
  config: Readonly<Record<string, string>>,
): string {
  const value = configValue(name, hostSuffixes ?? [], config)
  return isHost === true ? value.replace(/^https:\/\//, "") : value
}

/** Config values that come with the token, made up where the provider would make them. */
export function configValue(
  name: string,
  hostSuffixes: readonly string[],
  config: Readonly<Record<string, string>>,
): string {
  const suffix = hostSuffixes[0]
  if (suffix !== undefined) return `https://${suffix.includes(".") ? `sandbox.${suffix}` : suffix}`
  return Object.hasOwn(config, name) ? (config[name] ?? "") : `sandbox-${name}`
}

export function standardIdentity(bearer: Bearer): Reply {
  const body: Tree = {}
  const { config, identity } = bearer.definition
  if (identity.request) putAccount(body, identity.request.id, identity.request.label, bearer.account)
  for (const value of config.fromIdentity) put(body, value.path, learnedValue(value, bearer.token.config))
  return jsonReply(200, body)
}

function putAccount(
  body: Tree,
  ids: readonly Template[],
  labels: readonly Template[],
  account: TestAccount,
): void {
  for (const path of templatePaths(labels)) put(body, path, /mail/i.test(path) ? account.email : account.name)
  for (const path of templatePaths(ids)) put(body, path, `sandbox-${account.number}`)
}

function templatePaths(templates: readonly Template[]): string[] {
  return templates.flatMap((template) =>
    [...template.matchAll(/\{([^}]+)\}/g)].map((match) => match[1] ?? ""),
  )
}

/** Sets the value at a dotted path. Paths come from the catalogue, never from a request. */
function put(tree: Tree, path: string | undefined, value: unknown): void {
  if (path === undefined) return
  // A backslash keeps a dot from parting a path, as in the catalogue's own reader.
  const keys = path.split(/(?<!\\)\./).map((key) => key.replaceAll("\\.", "."))
  const last = keys.pop() ?? path
  let branch = tree
  for (const key of keys) {
    const next = branch[key]
    const child: Tree = typeof next === "object" && next !== null ? { ...next } : {}
    branch[key] = child
    branch = child
  }
  branch[last] = value
}

export function standardApiAnswer(bearer: Bearer, path: string): Reply {
  return jsonReply(200, apiFacts(bearer, path))
}

/** What the one API resource of every service tells. */
export function apiFacts(bearer: Bearer, path: string): Readonly<Record<string, unknown>> {
  const { account, token, definition } = bearer
  return { sandbox: true, service: definition.type, account: account.email, scopes: token.scopes, path }
}

/** The standard's words at the places where the entry reads them. */
export function tokenProblemAt({ token }: ConnectorDefinition, problem: Problem): Reply {
  const reply = standardTokenProblem(problem)
  const body: Tree = {}
  put(body, token.errorPaths[0], standardError(problem.kind))
  put(body, token.errorDescriptionPaths[0], problem.detail)
  return { ...reply, body: JSON.stringify(body) }
}

/** RFC 6749 section 5.2. */
export function standardTokenProblem(problem: Problem): Reply {
  const headers: Record<string, string> = problem.kind === "rate_limited" ? { "retry-after": "30" } : {}
  if (standardStatus(problem.kind) === 401) headers["www-authenticate"] = 'Basic realm="sandbox"'
  const body = { error: standardError(problem.kind), error_description: problem.detail }
  return jsonReply(standardStatus(problem.kind), body, problem.kind, headers)
}

const deadTokenKinds: ReadonlySet<string> = new Set(["token_unknown", "token_revoked", "token_expired"])

/** A dead token is told as the entry says; without a word there, RFC 7009 section 2.2: it is not worth an error. */
export function standardRevocationProblem(definition: ConnectorDefinition, problem: Problem): Reply {
  if (!deadTokenKinds.has(problem.kind)) return standardTokenProblem(problem)
  const told = definition.revocation?.alreadyDead[0]
  if (!told) return emptyReply(200, problem.kind)
  const error = told.error ?? standardError(problem.kind)
  return jsonReply(told.status, { error, error_description: problem.detail }, problem.kind)
}

/** RFC 6750 section 3. */
export function standardApiProblem(problem: Problem): Reply {
  const error = standardError(problem.kind)
  const status = standardStatus(problem.kind)
  const headers: Record<string, string> =
    status === 401
      ? { "www-authenticate": problem.kind === "token_missing" ? "Bearer" : `Bearer error="${error}"` }
      : {}
  if (status === 429) headers["retry-after"] = "30"
  return jsonReply(status, { error, error_description: problem.detail }, problem.kind, headers)
}
