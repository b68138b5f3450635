/** The one place where an error becomes an answer. */
import type { ErrorBody, ErrorCode } from "@grantry/sdk/wire"
import type { FastifyError, FastifyReply, FastifyRequest } from "fastify"
import { GrantryError } from "../errors.ts"
import { keysUnusable } from "../events/health.ts"
import { StorageUnavailable } from "../storage/storage.ts"
import { MasterKeyMismatch, MasterKeyUnavailable } from "../vault/vault.ts"

export interface ErrorContext {
  readonly publicUrl: string
}

export function sendError(
  context: ErrorContext,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const known = asGrantryError(error)
  if (known.status >= 500)
    request.log.error({ reqId: request.id, err: known.cause ?? error, code: known.code }, "a request failed")
  const { body, connector, headers = {}, retryAfterS } = known.details
  if (retryAfterS !== undefined) reply.header("retry-after", String(retryAfterS))
  if (connector === true) reply.header("x-base44-connector-error", known.code.toLowerCase())
  return reply
    .code(known.status)
    .headers(headers)
    .header("cache-control", "no-store")
    .type("application/json; charset=utf-8")
    .send(JSON.stringify({ ...body, ...errorBody(context, known, request.id) }))
}

function errorBody(context: ErrorContext, error: GrantryError, requestId: string): ErrorBody {
  return {
    detail: error.message,
    message: error.message,
    code: error.code,
    request_id: requestId,
    docs_url: `${context.publicUrl}/errors/${error.code}`,
  }
}

export function asGrantryError(error: unknown): GrantryError {
  if (error instanceof GrantryError) return error
  if (error instanceof StorageUnavailable) return storageUnavailable(error)
  if (error instanceof MasterKeyUnavailable) return keyServiceUnavailable(error)
  if (error instanceof MasterKeyMismatch) return keysUnusable(error)
  if (isFastifyError(error) && error.statusCode !== undefined && error.statusCode < 500)
    return badRequest(error, error.statusCode)
  return new GrantryError(
    "INTERNAL_ERROR",
    500,
    "Something went wrong inside Grantry. The request id finds it in the server's log.",
    {
      cause: error,
    },
  )
}

function storageUnavailable(cause: StorageUnavailable): GrantryError {
  const message = "Grantry's database does not answer. Nothing is lost: try again in a few seconds."
  return new GrantryError("STORAGE_UNAVAILABLE", 503, message, { retryAfterS: 2, cause })
}

function keyServiceUnavailable(cause: MasterKeyUnavailable): GrantryError {
  const message =
    "The service that holds Grantry's master key does not answer, and this workspace's key is not in memory. Nothing is lost: try again in a few seconds."
  return new GrantryError("KEY_SERVICE_UNAVAILABLE", 503, message, { retryAfterS: 2, cause })
}

function isFastifyError(error: unknown): error is FastifyError {
  return error instanceof Error && typeof (error as Partial<FastifyError>).code === "string"
}

function badRequest(error: FastifyError, status: number): GrantryError {
  const code: ErrorCode = status === 404 ? "NOT_FOUND" : "INVALID_REQUEST"
  return new GrantryError(code, status === 404 ? 404 : validStatus(status), `${describe(error)}.`)
}

/** The contract knows 400 and 422 for malformed requests; 413 and 415 say more. */
function validStatus(status: number): number {
  return status === 413 || status === 415 || status === 422 ? status : 400
}

function describe(error: FastifyError): string {
  const problem = error.validation?.[0]
  if (!problem) return error.message.replace(/\.$/, "")
  const where = error.validationContext ?? "request"
  const missing =
    typeof problem.params["missingProperty"] === "string" ? `/${problem.params["missingProperty"]}` : ""
  const extra =
    typeof problem.params["additionalProperty"] === "string" ? `/${problem.params["additionalProperty"]}` : ""
  const field = `${problem.instancePath}${missing}${extra}`.replace(/^\//, "").replaceAll("/", ".")
  const allowed = Array.isArray(problem.params["allowedValues"])
    ? `: ${problem.params["allowedValues"].join(", ")}`
    : ""
  const says =
    extra === ""
      ? missing === ""
        ? `${problem.message ?? "is not valid"}${allowed}`
        : "is missing"
      : "is not a known field"
  return field === "" ? `The ${where} ${says}` : `${where}.${field} ${says}`
}
