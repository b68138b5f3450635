/** JSON lines on stdout. Nothing that is logged holds a token, code, secret, verifier or Authorization header. */
import type { FastifyBaseLogger } from "fastify"

export type Log = FastifyBaseLogger
