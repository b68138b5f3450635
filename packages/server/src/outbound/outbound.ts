/** The only place that makes outgoing requests: checked addresses, one deadline, a size cap, no redirects, no retries. */
import type { Socket } from "node:net"
import type { Dispatcher } from "undici"
import type { AllowList } from "./allow-list.ts"
import { checkHost, type Lookup, plainHost, resolveBySystem } from "./check-host.ts"
import { connectSocket } from "./connect-socket.ts"
import { explainFailure } from "./explain-failure.ts"
import type { Lane } from "./lane.ts"
import type { Lanes } from "./lanes.ts"
import { OutboundError, type OutboundErrorKind } from "./outbound-error.ts"
import { acceptedEncodings, readBody } from "./read-body.ts"
import { exchangeStreams, type OutboundStream, type OutboundStreamRequest } from "./stream-exchange.ts"

export { type AllowList, AllowListInvalid, parseAllowList } from "./allow-list.ts"
export type { Lookup } from "./check-host.ts"
export { OutboundError, type OutboundErrorKind } from "./outbound-error.ts"
export type { OutboundStream, OutboundStreamRequest } from "./stream-exchange.ts"

export interface OutboundRequest {
  readonly method: string
  readonly url: URL | string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | undefined
  /** Total, in milliseconds: resolving, connecting, sending and reading the whole answer. */
  readonly deadlineMs: number
  readonly signal?: AbortSignal
  /** Plain http reaches addresses of the allow list only; false refuses it there too. */
  readonly allowHttp?: boolean
}

export interface OutboundAnswer {
  readonly status: number
  /** Names in lower case; repeated fields are joined by commas. */
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
}

export interface Outbound {
  /** @throws OutboundError when no complete answer came; a status of 300 and above is an answer */
  send(request: OutboundRequest): Promise<OutboundAnswer>
  /**
   * The same for what is passed on as it comes.
   *
   * @throws OutboundError when no answer began; what goes wrong later destroys its body
   */
  open(request: OutboundStreamRequest): Promise<OutboundStream>
  /** Whether the address would be refused, and why; a name that does not resolve may do so later. */
  refusalOf(url: URL): Promise<string | undefined>
  /** Ends what is running; later requests are refused. */
  close(): Promise<void>
}

export interface OutboundOptions {
  readonly allowPrivate: AllowList
  readonly lookup?: Lookup
  readonly userAgent: string
  readonly maxBytes?: number
}

const defaultMaxBytes = 1024 * 1024

export function createOutbound(options: OutboundOptions): Outbound {
  const { allowPrivate, lookup = resolveBySystem, userAgent, maxBytes = defaultMaxBytes } = options
  const running = new Set<() => void>()
  let closed = false

  async function open(url: URL, signal: AbortSignal): Promise<Socket> {
    const addresses = await checkHost(url, { allowList: allowPrivate, lookup })
    signal.throwIfAborted()
    return connectSocket(url, addresses, signal)
  }

  let loading: Promise<Lanes> | undefined
  // With the first request: the HTTP client is a good part of what a start would have to load.
  const loadLanes = (): Promise<Lanes> =>
    (loading ??= import("./lanes.ts").then(({ createLanes }) => createLanes(open)))

  /** A lane for one request, and what must be called when that is over. */
  async function begin(request: Limited, url: URL) {
    const host = plainHost(url)
    const lanes = await loadLanes()
    if (closed)
      throw new OutboundError("aborted", `${host} was not asked: the server is stopping`, {
        maybeSent: false,
      })
    const lane = lanes.take(url)
    const limit = limitRequest(request, host, lane)
    running.add(limit.abort)
    const end = (act: () => void) => {
      running.delete(limit.abort)
      limit.clear()
      act()
    }
    return {
      lane,
      signal: limit.signal,
      succeed: () => end(() => lanes.giveBack(lane)),
      /** @returns the failure in our own kinds */
      fail: (error: unknown): unknown => {
        end(() => lane.destroy())
        return explainFailure(error, host, lane.maybeSent())
      },
    }
  }

  return {
    async send(request) {
      const url = readUrl(request)
      const { fail, lane, signal, succeed } = await begin(request, url)
      try {
        const answer = await exchange({ lane, request, url, userAgent, maxBytes, signal })
        succeed()
        return answer
      } catch (error) {
        throw fail(error)
      }
    },
    async open(request) {
      const { fail, lane, signal, succeed } = await begin(request, readUrl(request))
      try {
        return await exchangeStreams(lane, request, signal, (error) => {
          if (error === undefined) succeed()
          else fail(error)
        })
      } catch (error) {
        throw fail(error)
      }
    },
    async refusalOf(url) {
      try {
        await checkHost(readUrl({ url }), { allowList: allowPrivate, lookup })
        return undefined
      } catch (error) {
        if (!(error instanceof OutboundError)) throw error
        return error.kind === "address_refused" ? error.message : undefined
      }
    },
    async close() {
      closed = true
      for (const abort of running) abort()
      if (loading) (await loading).destroy()
    },
  }
}

function readUrl({ url, allowHttp = true }: Pick<OutboundRequest, "url" | "allowHttp">): URL {
  const parsed = new URL(url)
  const problem = urlProblem(parsed, allowHttp)
  if (problem === undefined) return parsed
  throw new OutboundError("address_refused", `${plainHost(parsed)} was not asked: ${problem}`, {
    maybeSent: false,
  })
}

function urlProblem(url: URL, allowHttp: boolean): string | undefined {
  if (url.protocol !== "https:" && !(allowHttp && url.protocol === "http:"))
    return `${url.protocol} is not https:`
  if (url.username !== "" || url.password !== "") return "the URL holds credentials"
  return undefined
}

interface Limit {
  readonly signal: AbortSignal
  readonly abort: () => void
  readonly clear: () => void
}

type Limited = Pick<OutboundRequest, "deadlineMs" | "signal">

/** The request ends at its deadline, with the caller's signal or with the server, whichever is first. */
function limitRequest({ deadlineMs, signal }: Limited, host: string, lane: Lane): Limit {
  const controller = new AbortController()
  const end = (kind: OutboundErrorKind, what: string) =>
    controller.abort(new OutboundError(kind, `${host} ${what}`, { maybeSent: lane.maybeSent() }))
  const abort = () => end("aborted", "was given up before it answered")
  const timer = setTimeout(() => end("timeout", `did not answer within ${deadlineMs} ms`), deadlineMs)
  if (signal?.aborted === true) abort()
  else signal?.addEventListener("abort", abort)
  return {
    signal: controller.signal,
    abort,
    clear() {
      clearTimeout(timer)
      signal?.removeEventListener("abort", abort)
    },
  }
}

interface Exchange {
  readonly lane: Lane
  readonly request: OutboundRequest
  readonly url: URL
  readonly userAgent: string
  readonly maxBytes: number
  readonly signal: AbortSignal
}

async function exchange({
  lane,
  request,
  url,
  userAgent,
  maxBytes,
  signal,
}: Exchange): Promise<OutboundAnswer> {
  const answer = await lane.request(
    {
      method: request.method,
      path: url.pathname + url.search,
      headers: {
        "user-agent": userAgent,
        ...lowerCased(request.headers),
        "accept-encoding": acceptedEncodings,
      },
      body: request.body ?? null,
    },
    signal,
  )
  const headers = joinedHeaders(answer.headers)
  const text = await readBody(answer.body, {
    host: plainHost(url),
    maxBytes,
    // The answer to HEAD names the length of a body that does not come.
    contentLength: request.method === "HEAD" ? undefined : headers["content-length"],
    contentEncoding: headers["content-encoding"],
  })
  return { status: answer.statusCode, headers, text }
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}

function joinedHeaders(headers: Dispatcher.ResponseData["headers"]): Record<string, string> {
  const joined: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) joined[name.toLowerCase()] = Array.isArray(value) ? value.join(", ") : value
  }
  return joined
}
