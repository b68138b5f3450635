import { Transform } from "node:stream"

/** Passes bytes on as they come, and fails with the error when there are more than allowed. */
export function limitBytes(maxBytes: number, tooMany: () => Error): Transform {
  let size = 0
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.length
      if (size > maxBytes) done(tooMany())
      else done(null, chunk)
    },
  })
}
