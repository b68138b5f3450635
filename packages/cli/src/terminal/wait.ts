/** Waits for something that a person does elsewhere, with a spinner and a key to skip it. */
import { emitKeypressEvents } from "node:readline"
import { setTimeout as sleep } from "node:timers/promises"
import { interrupt } from "./on-interrupt.ts"
import type { Streams } from "./output.ts"

export type Waited<Result> =
  | { readonly kind: "done"; readonly result: Result }
  | { readonly kind: "skipped" | "timeout" }

export interface WaitOptions<Result> {
  readonly text: string
  /** undefined: not yet. */
  readonly look: () => Promise<Result | undefined>
  readonly everyMs: number
  readonly forMs: number
  /** Whether a key ends the waiting. */
  readonly canSkip: boolean
}

/** With a terminal a spinner turns and Esc or s skips; without one it only waits. */
export async function waitFor<Result>(
  streams: Streams,
  interactive: boolean,
  options: WaitOptions<Result>,
): Promise<Waited<Result>> {
  if (!interactive) return poll(options, new AbortController().signal)
  const { default: createSpinner } = await import("yocto-spinner")
  const skipping = new AbortController()
  const text = options.canSkip ? `${options.text} (Esc or s skips it)` : options.text
  const spinner = createSpinner({ text, stream: streams.stderr }).start()
  const stopListening = listenForKeys(streams.stdin, () => {
    if (options.canSkip) skipping.abort()
  })
  try {
    return await poll(options, skipping.signal)
  } finally {
    stopListening()
    spinner.stop()
  }
}

async function poll<Result>(
  { everyMs, forMs, look }: WaitOptions<Result>,
  skipped: AbortSignal,
): Promise<Waited<Result>> {
  const until = performance.now() + forMs
  while (performance.now() < until) {
    const result = await look()
    if (result !== undefined) return { kind: "done", result }
    if (await interrupted(everyMs, skipped)) return { kind: "skipped" }
  }
  return { kind: "timeout" }
}

async function interrupted(ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await sleep(ms, undefined, { signal })
    return false
  } catch (error) {
    if (!signal.aborted) throw error
    return true
  }
}

interface Key {
  readonly name?: string
  readonly ctrl?: boolean
}

/** In raw mode Ctrl-C is a key like any other. */
function listenForKeys(stdin: NodeJS.ReadStream, onSkip: () => void): () => void {
  emitKeypressEvents(stdin)
  stdin.setRawMode(true)
  stdin.resume()
  const onKey = (_text: string | undefined, { ctrl, name }: Key): void => {
    if (ctrl === true && name === "c") interrupt()
    if (name === "escape" || name === "s") onSkip()
  }
  stdin.on("keypress", onKey)
  return () => {
    stdin.off("keypress", onKey)
    stdin.setRawMode(false)
    stdin.pause()
  }
}
