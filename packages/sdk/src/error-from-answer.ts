import {
  GrantryError,
  NotConnectedError,
  ProviderUnavailableError,
  ReconnectRequiredError,
} from "./errors.ts"
import { dateMember, member, textMember } from "./read-json.ts"

/** The error that an answer other than 2xx stands for. */
export function errorFromAnswer(response: Response, data: unknown, url: string): GrantryError {
  const nested = member(data, "error")
  const message =
    textMember(nested, "message") ??
    textMember(data, "message") ??
    textMember(data, "detail") ??
    describeStatus(response, url)
  const code =
    textMember(nested, "code") ??
    textMember(data, "code") ??
    response.headers.get("x-base44-connector-error") ??
    undefined
  const details = {
    status: response.status,
    code,
    data,
    requestId: textMember(data, "request_id"),
    docsUrl: textMember(data, "docs_url"),
    retryAfterMs: retryAfterMs(response.headers.get("retry-after")),
  }
  // The header spells codes in lower case.
  switch (`${response.status} ${code?.toUpperCase()}`) {
    case "404 NOT_FOUND":
      return new NotConnectedError(message, details)
    case "409 RECONNECT_REQUIRED":
      return new ReconnectRequiredError(message, {
        ...details,
        reconnectUrl: textMember(data, "reconnect_url"),
        since: dateMember(data, "since"),
        providerError: textMember(data, "provider_error"),
      })
    case "503 PROVIDER_UNAVAILABLE":
    case "503 OAUTH_CLIENT_REJECTED":
      return new ProviderUnavailableError(message, details)
    default:
      return new GrantryError(message, details)
  }
}

function describeStatus({ status }: Response, url: string): string {
  // Browsers hide a redirect's status: it reads 0.
  return status < 400
    ? `${url} redirects: set serverUrl to the final address`
    : `${url} answered ${status} without saying why`
}

/** The seconds of RFC 9110 section 10.2.3. Its dates, which the server never sends, read as no answer. */
function retryAfterMs(header: string | null): number | undefined {
  return header && Number(header) >= 0 ? Number(header) * 1000 : undefined
}
