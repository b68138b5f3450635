/** What went wrong, in words that say what to do. */
import { GrantryError } from "@grantry/sdk/members"
import { CommanderError } from "commander"
import type { CliErrorDetails } from "./cli-error.ts"
import { CliError } from "./cli-error.ts"

export interface ErrorDescription extends Required<CliErrorDetails> {
  readonly message: string
  /** For failures that nobody foresaw. */
  readonly stack: string | null
}

export function describeError(error: unknown, url: string): ErrorDescription {
  if (error instanceof CliError) {
    const { code, data, exitCode, hints, message } = error
    return { message, code, hints, exitCode, data, stack: null }
  }
  if (error instanceof GrantryError) return describeAnswer(error, url)
  if (error instanceof CommanderError)
    return plain(withoutKeys(error.message.replace(/^error: /, "")), "USAGE", 2)
  // By name: most commands do not load the server.
  if (error instanceof Error && operatorErrors.has(error.name)) return plain(error.message, "CONFIG", 2)
  if (error instanceof Error && error.name === "MasterKeyUnavailable")
    return plain(error.message, "KEY_SERVICE_UNAVAILABLE", 1)
  if (isSystemError(error)) return plain(error.message, error.code, 1)
  const message = error instanceof Error ? error.message : String(error)
  const stack = error instanceof Error ? (error.stack ?? null) : null
  return { ...plain(message, "INTERNAL_ERROR", 1), stack }
}

const operatorErrors = new Set(["ConfigError", "MasterKeyMismatch"])

/** A key that was given as an argument by mistake must not be repeated into a log. */
export function withoutKeys(text: string): string {
  return text.replace(/\b(b44k|gsk)_[\w-]+/g, "$1_…")
}

function plain(message: string, code: string, exitCode: 1 | 2): ErrorDescription {
  return { message, code, hints: [], exitCode, data: {}, stack: null }
}

function describeAnswer(error: GrantryError, url: string): ErrorDescription {
  const { code, docsUrl, message, requestId, status } = error
  return {
    message,
    code: code ?? (status === undefined ? "SERVER_UNREACHABLE" : "UNEXPECTED_ANSWER"),
    hints: hintsFor(error, url),
    exitCode: 1,
    data: {
      ...(status !== undefined && { status }),
      ...(requestId !== undefined && { request_id: requestId }),
      ...(docsUrl !== undefined && { docs_url: docsUrl }),
    },
    stack: null,
  }
}

function hintsFor({ code, docsUrl, status }: GrantryError, url: string): readonly string[] {
  if (status === undefined)
    return [
      `Is the server running? \`grantry serve\` starts one; \`grantry doctor --url ${url}\` looks closer.`,
      "Another address: --url or GRANTRY_URL.",
    ]
  if (code === "UNAUTHORIZED")
    return [
      `Sign in with \`grantry login --url ${url}\`, or set GRANTRY_API_KEY to a workspace API key (b44k_…).`,
    ]
  return docsUrl === undefined ? [] : [`More: ${docsUrl}`]
}

function isSystemError(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && "syscall" in error && "code" in error && typeof error.code === "string"
}
