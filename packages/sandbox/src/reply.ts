/** What the sandbox answers, before any HTTP library sees it. */
export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** `ok`, or what was wrong: the request log tells it to tests. */
  readonly outcome: string
}

const noStore = { "cache-control": "no-store", pragma: "no-cache" }

export function jsonReply(
  status: number,
  value: unknown,
  outcome = "ok",
  headers: Reply["headers"] = {},
): Reply {
  const body = JSON.stringify(value)
  return { status, body, outcome, headers: { ...noStore, "content-type": "application/json", ...headers } }
}

export function formReply(status: number, fields: Readonly<Record<string, string>>, outcome = "ok"): Reply {
  const headers = { ...noStore, "content-type": "application/x-www-form-urlencoded; charset=utf-8" }
  return { status, body: new URLSearchParams(fields).toString(), outcome, headers }
}

export function textReply(
  status: number,
  body: string,
  outcome = "ok",
  headers: Reply["headers"] = {},
): Reply {
  return {
    status,
    body,
    outcome,
    headers: { ...noStore, "content-type": "text/plain; charset=utf-8", ...headers },
  }
}

export function emptyReply(status: number, outcome = "ok"): Reply {
  return { status, body: "", outcome, headers: noStore }
}

/**
 * A page without scripts. `form-action` stays out of the policy: browsers apply it to the redirect that follows the
 * form too, which would keep people from the client's callback.
 */
export function htmlReply(status: number, body: string, outcome = "ok"): Reply {
  const policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
  const headers = {
    ...noStore,
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": policy,
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
  }
  return { status, body, outcome, headers }
}

export function redirectReply(location: string, outcome = "ok"): Reply {
  return {
    status: 302,
    body: "",
    outcome,
    headers: { ...noStore, location, "referrer-policy": "no-referrer" },
  }
}
