/** The answers of CONTRACT.md, filed under connector types and connector ids that name the case. */
import type { IncomingHttpHeaders } from "node:http"
import type { ErrorBody, ErrorCode, ReconnectRequiredBody, TokenAnswer } from "@grantry/sdk/wire"

export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: string
  /** Breaks the answer off after the body's first half: by a silence, or by closing the connection. */
  readonly breakOff?: "stall" | "cut"
}

export const slackToken: TokenAnswer = {
  access_token: "xoxb-canary-access-token",
  integration_type: "slack",
  connection_config: { team: "acme" },
  expires_at: "2030-01-02T03:04:05.000Z",
  scopes: ["chat:write", "channels:read"],
  missing_scopes: ["files:write"],
  account: { id: "U123", label: "ada@example.com" },
}

export const error = (
  status: number,
  code: ErrorCode,
  detail: string,
  more: Partial<ReconnectRequiredBody> = {},
): Answer => {
  const body: ErrorBody = {
    detail,
    message: detail,
    code,
    request_id: "req_42",
    docs_url: `https://docs.example/errors/${code}`,
    ...more,
  }
  return { status, body: JSON.stringify(body) }
}

const refusal = (...parts: Parameters<typeof error>): Answer => ({
  ...error(...parts),
  headers: { "x-base44-connector-error": parts[1].toLowerCase() },
})

const later = (answer: Answer): Answer => ({ ...answer, headers: { ...answer.headers, "retry-after": "7" } })

export const json = (status: number, body: unknown): Answer => ({ status, body: JSON.stringify(body) })

const html = (status: number, body: string): Answer => ({
  status,
  body,
  headers: { "content-type": "text/html" },
})

export const unauthorized = error(401, "UNAUTHORIZED", "Unauthorized")

const fixed: Readonly<Record<string, Answer>> = {
  slack: json(200, slackToken),
  con_1: json(200, { ...slackToken, access_token: "connector-token" }),
  "odd/type?&#": json(200, { ...slackToken, access_token: "odd-token" }),
  only_published_keys: json(200, { access_token: "t", integration_type: "x", connection_config: null }),
  no_expiry: json(200, { ...slackToken, expires_at: null, account: null }),
  never_connected: refusal(404, "NOT_FOUND", "Connector connection not found"),
  grant_dead: refusal(409, "RECONNECT_REQUIRED", "No active connection: the provider said invalid_grant", {
    reconnect_url: "https://grantry.example/connect/att_1",
    since: "2026-01-02T03:04:05.000Z",
    provider_error: "invalid_grant",
  }),
  grant_dead_shared: refusal(
    409,
    "RECONNECT_REQUIRED",
    "No active connection: the provider said invalid_grant",
  ),
  provider_away: later(refusal(503, "PROVIDER_UNAVAILABLE", "Slack does not answer")),
  client_rejected: refusal(503, "OAUTH_CLIENT_REJECTED", "Slack rejects the OAuth client of connector con_1"),
  storage_away: later(error(503, "STORAGE_UNAVAILABLE", "The database does not answer")),
  unknown_type: refusal(404, "UNKNOWN_CONNECTOR_TYPE", "No connector type slak; did you mean slack?"),
  nested_error: json(422, {
    error: { message: "inner sentence", code: "INNER" },
    message: "outer",
    code: "OUTER",
  }),
  detail_only: json(418, { detail: "only a detail" }),
  header_only: {
    ...json(404, { detail: "Connector connection not found" }),
    headers: { "x-base44-connector-error": "not_found" },
  },
  retry_date: { status: 503, headers: { "retry-after": "Fri, 02 Jan 2026 03:04:05 GMT" }, body: "" },
  proxy_page: html(502, "<h1>Bad gateway</h1>"),
  web_page: html(200, "<!doctype html><title>Not the server you meant</title>"),
  empty_token: json(200, { ...slackToken, access_token: "" }),
  null_answer: json(200, null),
  stalls: { ...json(200, slackToken), breakOff: "stall" },
  breaks_off: { ...json(200, slackToken), breakOff: "cut" },
}

/** @param elsewhere where `moved` redirects to */
export function answerFor(name: string, headers: IncomingHttpHeaders, elsewhere: string): Answer {
  if (name === "moved") return { status: 307, headers: { location: `${elsewhere}/stolen` }, body: "" }
  if (name === "echoes_as_page") return html(502, `<pre>${JSON.stringify(headers)}</pre>`)
  if (name === "echoes_as_json")
    return json(500, { detail: `saw ${headers.authorization}`, code: "ECHO", headers })
  return fixed[name] ?? error(404, "NOT_FOUND", `No answer called ${name}`)
}
