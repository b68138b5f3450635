/** Counts answers by route and status, and opens a span for each request where somebody collects traces. */
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from "fastify"
import type { Count } from "../events/metrics/counts.ts"
import type { Metrics } from "../events/metrics/metrics.ts"
import type { OpenSpan, Tracing } from "../events/tracing/tracing.ts"
import type { Services } from "../services.ts"

type OnAnswer = (request: FastifyRequest, reply: FastifyReply, done: () => void) => void

export function observeRequests(
  app: FastifyInstance,
  { metrics, tracing }: Pick<Services, "metrics" | "tracing">,
): void {
  const counting = new WeakSet<OnAnswer>()
  app.addHook("onRoute", (route) => {
    const onAnswer = countAnswers(metrics, route)
    counting.add(onAnswer)
    // The route for HEAD is made of the one for GET, with its hooks.
    const others = [route.onResponse ?? []].flat().filter((hook) => !counting.has(hook as OnAnswer))
    route.onResponse = [...others, onAnswer]
  })
  if (tracing) traceRequests(app, tracing)
}

/** A hook for each route, which keeps its counters: nothing is looked up by name per request. */
function countAnswers(metrics: Metrics, { method, url }: RouteOptions): OnAnswer {
  const counts: Count[] = []
  const label = Array.isArray(method) ? method.join(",") : method
  return (_request, reply, done) => {
    const count = (counts[reply.statusCode] ??= metrics.httpAnswers(label, url, reply.statusCode))
    count.value += 1
    done()
  }
}

function traceRequests(app: FastifyInstance, tracing: Tracing): void {
  const spans = new WeakMap<FastifyRequest, OpenSpan>()
  app.addHook("onRequest", (request, _reply, done) => {
    const { method, routeOptions } = request
    const route = routeOptions.url ?? "(none)"
    const traceparent = request.headers["traceparent"]
    const span = tracing.open({
      name: `${method} ${route}`,
      kind: "server",
      attributes: { "http.request.method": method, "http.route": route, "grantry.request_id": request.id },
      traceparent: typeof traceparent === "string" ? traceparent : undefined,
    })
    spans.set(request, span)
    span.within(done)
  })
  app.addHook("onResponse", (request, reply, done) => {
    const span = spans.get(request)
    span?.set({ "http.response.status_code": reply.statusCode })
    if (reply.statusCode >= 500) span?.fail(String(reply.statusCode))
    span?.end()
    done()
  })
}
