/**
 * Looks over the shoulder of every HTTP server of this process, the one under test and the emulated providers: learns the
 * secrets that they hand out or take, and keeps the pages and errors that must hold none.
 */
import { subscribe } from "node:diagnostics_channel"
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify"
import { plant } from "./planted.ts"

const members =
  "access_token|refresh_token|id_token|client_secret|code_verifier|device_code|connect_handle|handle|service_token|signing_secret|password|secret|token|key"
const inJson = new RegExp(`"(${members})"\\s*:\\s*"((?:[^"\\\\]|\\\\.)+)"`, "g")
const inForm = new RegExp(`(?:^|&)(${members}|code)=([^&]+)`, "g")
const inAddress = /[?&](state|code|connect_handle|access_token|token)=([^&#]+)/g

/** Keys that are shown once stand on a page. */
const oneTimePages = /^POST \/start\//
/** The providers are others' servers, and so are the functions behind the gateway. */
const othersPaths = /^\/sandbox(\/|$)|^\/api\/apps\/[^/]+\/functions\//

let isWatching = false
let shown: string[] = []

export function watchHttp(): void {
  if (isWatching) return
  isWatching = true
  subscribe("fastify.initialization", (message) => {
    const { fastify } = message as { readonly fastify: FastifyInstance }
    fastify.addHook("onSend", (request, reply, payload, done) => {
      watch(request, reply, textOf(payload))
      done(null, payload)
    })
  })
}

/** Takes the pages, error bodies and metrics that were answered since the last call. */
export function takeShown(): string {
  const text = shown.join("\n")
  shown = []
  return text
}

function watch(request: FastifyRequest, reply: FastifyReply, body: string): void {
  const isOthers = othersPaths.test(request.url)
  const type = String(reply.getHeader("content-type") ?? "")
  const isSink = reply.statusCode >= 400 || /^text\/(html|plain)/.test(type)
  if (isSink && !isOthers && !oneTimePages.test(`${request.method} ${request.url}`))
    shown.push(
      `${request.method} ${request.routeOptions.url ?? ""} ${reply.statusCode} ${withoutOwnAddress(request, body)}`,
    )
  // What was refused may be anything, e.g. the address of a page in the place of a code.
  if (reply.statusCode >= 400) return
  learnHeaders(request, reply)
  learnText(body, type)
  learnBody(request)
}

/** In the address of the app's page and in the message to it: the one way in which an app learns its handle. */
const handedOver = /connect_handle(?:=|&quot;:&quot;)[\w-]+/g

/** A page whose address is the secret may name itself, e.g. as where its form goes. */
function withoutOwnAddress({ url }: FastifyRequest, body: string): string {
  const parts = decoded(url).match(/[\w-]{12,}/g) ?? []
  return parts.reduce((text, part) => text.replaceAll(part, ""), body.replaceAll(handedOver, ""))
}

function learnHeaders({ headers, params }: FastifyRequest, reply: FastifyReply): void {
  const { secret } = (params ?? {}) as { readonly secret?: string }
  if (secret !== undefined) plant("secret address", secret)
  for (const name of ["authorization", "on-behalf-of", "api_key"])
    for (const value of [headers[name] ?? []].flat()) learnCredential(value)
  for (const line of [reply.getHeader("set-cookie") ?? []].flat())
    plant("cookie", decoded(/=([^;]*)/.exec(String(line))?.[1] ?? ""))
  for (const [, name = "", value = ""] of String(reply.getHeader("location") ?? "").matchAll(inAddress))
    plant(name, decoded(value))
}

function learnCredential(header: string): void {
  const [scheme = "", value] = header.split(" ")
  if (scheme !== "Basic") return plant("credential", value ?? scheme)
  const [, secret = ""] = Buffer.from(value ?? "", "base64")
    .toString()
    .split(":")
  plant("client_secret", secret)
}

function learnText(text: string, contentType: string): void {
  if (contentType.includes("json"))
    for (const [, name = "", value = ""] of text.matchAll(inJson))
      plant(name, JSON.parse(`"${value}"`) as string)
  if (contentType.includes("form"))
    for (const [, name = "", value = ""] of text.matchAll(inForm))
      plant(name, decoded(value.replaceAll("+", " ")))
}

function learnBody({ body, headers }: FastifyRequest): void {
  if (typeof body === "string") learnText(body, headers["content-type"] ?? "")
  else if (body !== undefined && body !== null) learnText(JSON.stringify(body), "json")
}

function textOf(payload: unknown): string {
  if (typeof payload === "string") return payload
  return Buffer.isBuffer(payload) ? payload.toString("latin1") : ""
}

/** What cannot be decoded stays as it is. */
function decoded(text: string): string {
  return text.replaceAll(/(?:%[\da-f]{2})+/gi, (bytes) =>
    Buffer.from(bytes.replaceAll("%", ""), "hex").toString(),
  )
}
