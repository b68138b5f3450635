/** Recorded or documented token answers and what they mean: each entry carries its own proof. */
import type { Refusal } from "./define.ts"

export interface TokenSample {
  /** A sentence that states the rule, used as the test's title. */
  readonly name: string
  /** Which request got the answer. */
  readonly phase: "exchange" | "refresh"
  readonly given: {
    readonly status: number
    readonly headers?: Readonly<Record<string, string>>
    /** Parsed JSON, or text as it came. */
    readonly body: unknown
  }
  readonly means:
    | {
        readonly accessToken: string
        readonly refreshToken?: string
        readonly expiresInS?: number
        /** ISO 8601, where the answer names the moment. */
        readonly expiresAt?: string
        readonly scopes?: readonly string[]
        /** Config values learned from the answer. */
        readonly config?: Readonly<Record<string, string>>
        readonly account?: { readonly id: string; readonly label: string }
      }
    /** null: a refusal whose code means nothing that the catalogue knows. */
    | { readonly refusal: Refusal | null; readonly providerError?: string }
    /** Neither a token nor a refusal that names itself. */
    | { readonly unreadable: true }
}
