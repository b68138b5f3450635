/** What the emulations of key services share: keys that stay inside, a port that can be away, and faults. */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"

/** `hangs`: takes the request and never answers; `nonsense`: a page of a proxy. */
export type KeyServiceFault = "denied" | "throttled" | "hangs" | "nonsense"

export interface EmulatedKeyService {
  /** As `GRANTRY_MASTER_KEY` names its key. */
  readonly address: string
  /** Another key of the same service. */
  readonly otherAddress: string
  /** What the server's environment says of it, its library's credentials included. */
  readonly env: Readonly<Record<string, string>>
  /** Every plaintext that it was given or gave. */
  readonly plaintexts: readonly Buffer[]
  /** How often it was asked. */
  readonly asked: number
  fault: KeyServiceFault | null
  /** From now on nothing listens. */
  goAway(): Promise<void>
  comeBack(): Promise<void>
  close(): Promise<void>
}

export interface Asked {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage["headers"]
  readonly text: string
}

export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: unknown
}

export interface Protocol {
  answer(asked: Asked): Answer
  failure(fault: "denied" | "throttled"): Answer
}

export interface EmulatedHost {
  readonly origin: string
  readonly asked: number
  fault: KeyServiceFault | null
  goAway(): Promise<void>
  comeBack(): Promise<void>
}

export async function startHost(protocol: Protocol): Promise<EmulatedHost> {
  let asked = 0
  const host = {
    origin: "",
    get asked() {
      return asked
    },
    fault: null as KeyServiceFault | null,
    goAway: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
    comeBack: () => listen(Number(new URL(host.origin).port)),
  }
  const server = createServer((request, response) => {
    asked += 1
    void serve(protocol, host.fault, request, response)
  })
  const listen = (port: number) =>
    new Promise<void>((resolve) => server.listen(port, "127.0.0.1", () => resolve()))
  await listen(0)
  host.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return host
}

async function serve(
  protocol: Protocol,
  fault: KeyServiceFault | null,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  if (fault === "hangs") return
  if (fault === "nonsense") {
    response.writeHead(200, { "content-type": "text/html" }).end("<html>Welcome to the proxy</html>")
    return
  }
  const { headers, method = "", url: path = "" } = request
  const asked = { method, path, headers, text: Buffer.concat(chunks).toString() }
  const { body, headers: more, status } = fault === null ? protocol.answer(asked) : protocol.failure(fault)
  response.writeHead(status, { "content-type": "application/json", ...more }).end(JSON.stringify(body))
}

/** Keys by name; a ciphertext opens under its own key and context only. */
export function createKeys(names: readonly string[]) {
  const keys = new Map(names.map((name) => [name, randomBytes(32)]))
  const plaintexts: Buffer[] = []
  return {
    plaintexts,
    has: (name: string) => keys.has(name),
    encrypt(name: string, context: string, plaintext: Buffer): Buffer {
      plaintexts.push(plaintext)
      const nonce = randomBytes(12)
      const cipher = createCipheriv("aes-256-gcm", keys.get(name) ?? "", nonce)
      cipher.setAAD(Buffer.from(context))
      return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()])
    },
    /** @returns undefined when it does not open */
    decrypt(name: string, context: string, box: Buffer): Buffer | undefined {
      if (box.length < 28) return undefined
      const decipher = createDecipheriv("aes-256-gcm", keys.get(name) ?? "", box.subarray(0, 12))
      decipher.setAAD(Buffer.from(context))
      decipher.setAuthTag(box.subarray(-16))
      try {
        const plaintext = Buffer.concat([decipher.update(box.subarray(12, -16)), decipher.final()])
        plaintexts.push(plaintext)
        return plaintext
      } catch {
        return undefined
      }
    },
  }
}

/** Strict: what is no base64 was not meant. */
export function fromBase64(value: unknown): Buffer | undefined {
  if (typeof value !== "string" || !/^[A-Za-z0-9+/]*={0,2}$/.test(value) || value.length % 4 !== 0)
    return undefined
  return Buffer.from(value, "base64")
}
