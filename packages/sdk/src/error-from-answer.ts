import {
  GrantryError,
  NotConnectedError,
  ProviderUnavailableError,
  ReconnectRequiredError,
} from "./errors.ts"
import { camelCase } from "./rename-members.ts"
import type { ReconnectRequiredBody } from "./wire/error-body.ts"

const classes: Readonly<Record<string, typeof GrantryError>> = {
  NOT_FOUND: NotConnectedError,
  RECONNECT_REQUIRED: ReconnectRequiredError,
  PROVIDER_UNAVAILABLE: ProviderUnavailableError,
  OAUTH_CLIENT_REJECTED: ProviderUnavailableError,
}

/** The error that an answer other than 2xx stands for. */
export function errorFromAnswer({ status, headers }: Response, data: unknown, url: string): GrantryError {
  const body: Partial<ReconnectRequiredBody> & { error?: unknown } = Object(data)
  const nested: Partial<ReconnectRequiredBody> = Object(body.error)
  const code = firstText(nested.code, body.code, headers.get("x-base44-connector-error"))
  const message = firstText(nested.message, body.message, body.detail) ?? describeStatus(status, url)
  const { requestId, docsUrl, reconnectUrl, since, providerError } = camelCase<typeof body>(body)
  // The header spells codes in lower case.
  const ErrorClass = classes[`${code?.toUpperCase()}`] ?? GrantryError
  return new ErrorClass(message, {
    status,
    code,
    data,
    requestId,
    docsUrl,
    // The seconds of RFC 9110 section 10.2.3. Its dates, which the server never sends, read as no answer.
    retryAfterMs: Number(headers.get("retry-after")) * 1000 || undefined,
    reconnectUrl,
    since,
    providerError,
  })
}

/** The first that is text and says something. */
function firstText(...values: readonly unknown[]): string | undefined {
  return values.find((value): value is string => typeof value === "string" && value !== "")
}

function describeStatus(status: number, url: string): string {
  // Browsers hide a redirect's status: it reads 0.
  return status < 400
    ? `${url} redirects: set serverUrl to the final address`
    : `${url} answered ${status} without saying why`
}
