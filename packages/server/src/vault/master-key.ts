/** What wraps data keys: a key of this process, or one in a key service that never leaves it. */

/** Which data key is wrapped: a wrapping opens under the same one only. */
export interface WrapContext {
  readonly workspaceId: string
  readonly dataKeyId: string
}

export interface MasterKey {
  readonly id: string
  /** @throws MasterKeyUnavailable */
  wrap(context: WrapContext, dataKey: Uint8Array): Promise<Uint8Array>
  /** @throws WrappingRefused, MasterKeyUnavailable */
  unwrap(context: WrapContext, wrapped: Uint8Array): Promise<Uint8Array>
  /** What is stored to recognize this key by; neither the key nor anything it wraps can be found from it. */
  newCheck(): Promise<string>
  /** Whether a check was made by this key. @throws MasterKeyUnavailable */
  passes(check: string): Promise<boolean>
  /** Why the last question to its key service got no answer; always undefined for a key of this process. */
  trouble(): MasterKeyUnavailable | undefined
  /** Lets its connections go. */
  close(): Promise<void>
}

/** The master key says that it did not make this wrapping, or not for this data key. */
export class WrappingRefused extends Error {
  override readonly name = "WrappingRefused"
}

/** The key service gave no answer, or refuses to do anything with this key: nothing is known about what was wrapped. */
export class MasterKeyUnavailable extends Error {
  override readonly name = "MasterKeyUnavailable"
}
