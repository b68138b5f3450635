/** Writes an answer as it comes: no more of it is in memory than the disk or the pipe has not taken yet. */
import { createWriteStream } from "node:fs"
import { resolve } from "node:path"
import { Readable, Transform } from "node:stream"
import { pipeline } from "node:stream/promises"
import type { Context } from "../context.ts"

/**
 * @param out absent: stdout
 * @returns how many bytes
 */
export async function saveStream(
  { cwd, streams }: Pick<Context, "cwd" | "streams">,
  response: Response,
  out: string | undefined,
): Promise<number> {
  if (!response.body) return 0
  let bytes = 0
  const counter = new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      bytes += chunk.length
      done(null, chunk)
    },
  })
  const source = Readable.fromWeb(response.body)
  if (out === undefined) await pipeline(source, counter, streams.stdout, { end: false })
  // Who did what is not for everybody on this machine.
  else await pipeline(source, counter, createWriteStream(resolve(cwd, out), { mode: 0o600 }))
  return bytes
}
