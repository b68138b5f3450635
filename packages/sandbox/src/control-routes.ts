/** Routes of the control API, under `/sandbox/_control`. */
import type { FastifyInstance, FastifyRequest } from "fastify"
import { controlPosts, readControl } from "./control.ts"
import { ControlInputError } from "./control-input.ts"
import { bodyFormat, parsedJson } from "./parameters.ts"
import type { Sandbox } from "./sandbox.ts"
import { sandboxPath } from "./sandbox-url.ts"

export function registerControl(app: FastifyInstance, sandbox: Sandbox): void {
  const base = `${sandboxPath}/_control`
  for (const name of ["state", "requests"] as const) {
    app.get(`${base}/${name}`, async (request, reply) => {
      const query = new URL(request.raw.url ?? "/", "http://sandbox").searchParams
      return controlled(reply, () => readControl(sandbox, name, query))
    })
  }
  for (const [name, act] of Object.entries(controlPosts)) {
    app.post(`${base}/${name}`, async (request, reply) =>
      controlled(reply, () => act(sandbox, jsonBody(request))),
    )
  }
  app.all(`${base}/*`, async (_request, reply) => {
    const posts = Object.keys(controlPosts).map((name) => `POST ${name}`)
    const detail = `The control API has ${["GET state", "GET requests", ...posts].join(", ")}.`
    return reply.status(404).send({ detail, code: "NOT_FOUND" })
  })
}

function controlled(
  reply: { status(code: number): { send(body: unknown): unknown } },
  act: () => unknown,
): unknown {
  try {
    return reply.status(200).send(act())
  } catch (error) {
    if (!(error instanceof ControlInputError)) throw error
    return reply.status(400).send({ detail: error.message, code: "INVALID_REQUEST" })
  }
}

/** A page of another origin can send a form or text, but not JSON, without asking first. */
function jsonBody(request: FastifyRequest): unknown {
  const { origin, host } = request.headers
  if (origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`) {
    throw new ControlInputError("Origin must be the sandbox's own: other pages may not control it.")
  }
  const text = typeof request.body === "string" ? request.body : ""
  if (text === "") return undefined
  if (bodyFormat(request.headers["content-type"]) !== "json")
    throw new ControlInputError("Content-Type must be application/json.")
  const parsed = parsedJson(text)
  if (parsed === undefined) throw new ControlInputError("The body must be JSON.")
  return parsed
}
