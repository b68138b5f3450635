/** Reads the answers on one keep-alive connection: only as much of HTTP/1.1 as the two servers speak. */
const headEnd = Buffer.from("\r\n\r\n")

export class ResponseReader {
  #rest: Buffer | null = null
  readonly #statuses: readonly number[]

  /** @param statuses that an answer may have */
  constructor(statuses: readonly number[]) {
    this.#statuses = statuses
  }

  /**
   * @returns how many answers ended in this chunk
   * @throws when one has another status or no content length
   */
  read(chunk: Buffer): number {
    let buffer = this.#rest === null ? chunk : Buffer.concat([this.#rest, chunk])
    let answers = 0
    while (buffer.length > 0) {
      const end = answerEnd(buffer, this.#statuses)
      if (end === undefined || end > buffer.length) break
      answers += 1
      buffer = buffer.subarray(end)
    }
    this.#rest = buffer.length === 0 ? null : Buffer.from(buffer)
    return answers
  }
}

function answerEnd(buffer: Buffer, statuses: readonly number[]): number | undefined {
  const end = buffer.indexOf(headEnd)
  if (end < 0) return undefined
  const head = buffer.toString("latin1", 0, end)
  const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1]
  if (!statuses.includes(Number(head.slice("HTTP/1.1 ".length, 12))) || length === undefined)
    throw new Error(`unexpected answer: ${head}`)
  return end + headEnd.length + Number(length)
}
