/** The HTTP application: error answers, caller check, routes. */
import cookie from "@fastify/cookie"
import formbody from "@fastify/formbody"
import Fastify, { type FastifyInstance, type FastifyPluginAsync, LogController } from "fastify"
import { GrantryError } from "./errors.ts"
import { apiDescriptionRoute, collectRoutes } from "./http/api-description.ts"
import { browserBinding } from "./http/browser-binding.ts"
import { registerCallerCheck } from "./http/caller-of.ts"
import { registerCookieGate } from "./http/cookie-gate.ts"
import { preflightRoutes, registerCors } from "./http/cors.ts"
import { lazyCompilers } from "./http/compile-lazily.ts"
import { keepOrigins } from "./http/keep-origins.ts"
import { ownForms } from "./http/own-form.ts"
import { allowedOriginRoutes } from "./http/routes/allowed-origins.ts"
import { appUserRoutes } from "./http/routes/app-users.ts"
import { appUserAuthRoutes } from "./http/routes/app-user-auth.ts"
import { appRoutes } from "./http/routes/apps.ts"
import { auditEventRoutes } from "./http/routes/audit-events.ts"
import { authRoutes } from "./http/routes/auth.ts"
import { checkConnectionRoutes } from "./http/routes/check-connection.ts"
import { connectRoutes } from "./http/routes/connect.ts"
import { connectorTypeRoutes } from "./http/routes/connector-types.ts"
import { connectionRoutes } from "./http/routes/connections.ts"
import { connectorRoutes } from "./http/routes/connectors.ts"
import { deviceRoutes } from "./http/routes/device.ts"
import { disconnectJobRoutes } from "./http/routes/disconnect-jobs.ts"
import { dashboardRoutes } from "./http/routes/dashboard.ts"
import { errorDocsRoutes } from "./http/routes/error-docs.ts"
import { externalAuthRoutes } from "./http/routes/external-auth.ts"
import { functionRoutes } from "./http/routes/functions.ts"
import { healthRoutes } from "./http/routes/health.ts"
import { identityIssuerRoutes } from "./http/routes/identity-issuers.ts"
import { inviteRoutes } from "./http/routes/invite.ts"
import { memberRoutes } from "./http/routes/members.ts"
import { openIdPages } from "./http/routes/openid-pages.ts"
import { signInMethodRoutes } from "./http/routes/sign-in-methods.ts"
import { oauthRoutes } from "./http/routes/oauth.ts"
import { metricsRoutes } from "./http/routes/metrics.ts"
import { paymentRoutes } from "./http/routes/payments.ts"
import { secondFactorRoutes } from "./http/routes/second-factor.ts"
import { signInCodeRoutes } from "./http/routes/sign-in-code.ts"
import { signInRoutes } from "./http/routes/sign-in.ts"
import { startRoutes } from "./http/routes/start.ts"
import { tokenRoutes } from "./http/routes/tokens.ts"
import { webhookDeliveryRoutes } from "./http/routes/webhook-deliveries.ts"
import { webhookRoutes } from "./http/routes/webhooks.ts"
import { workspaceClosureRoutes } from "./http/routes/workspace-closures.ts"
import { workspaceHealthRoutes } from "./http/routes/workspace-health.ts"
import { workspaceRoutes } from "./http/routes/workspaces.ts"
import { registerAddressLimit } from "./http/limit-requests.ts"
import { observeRequests } from "./http/observe-requests.ts"
import { registerTextCheck } from "./http/storable-text.ts"
import { sendError } from "./http/send-error.ts"
import { trustOf } from "./limits/client-address.ts"
import type { Services } from "./services.ts"
import type { FirstOwner } from "./workspace/bootstrap.ts"

export interface AppOptions {
  readonly services: Services
  readonly owner: FirstOwner
  /** The emulated providers; null in production. */
  readonly sandbox: FastifyPluginAsync | null
}

export async function createApp({ services, owner, sandbox }: AppOptions): Promise<FastifyInstance> {
  const app = newFastify(services)
  app.setErrorHandler((error, request, reply) => sendError(services.config, error, request, reply))
  const unknownAddresses = services.metrics.httpAnswers("(any)", "(none)", 404)
  app.setNotFoundHandler((request, reply) => {
    unknownAddresses.value += 1
    const message = "There is nothing at this address. See /api/openapi.json."
    return sendError(services.config, new GrantryError("NOT_FOUND", 404, message), request, reply)
  })
  acceptEmptyJson(app)
  await app.register(cookie)
  await app.register(formbody)
  await app.register(async (routes) => {
    // In here the document names the API alone, without the emulated providers.
    const described = collectRoutes(routes)
    observeRequests(routes, services)
    registerAddressLimit(routes, services.limits)
    registerCors(routes, services)
    registerCookieGate(routes, services.config)
    registerCallerCheck(routes, services)
    registerTextCheck(routes)
    keepOrigins(routes, services.origins)
    registerRoutes(routes, services, owner)
    apiDescriptionRoute(routes, described)
  })
  // Its own context: the providers' routes have bodies and errors of their own.
  if (sandbox) await app.register(sandbox)
  return app
}

function registerRoutes(routes: FastifyInstance, services: Services, owner: FirstOwner): void {
  tokenRoutes(routes, services)
  externalAuthRoutes(routes, services)
  connectorTypeRoutes(routes, services)
  appUserAuthRoutes(routes, services)
  connectionRoutes(routes, services)
  checkConnectionRoutes(routes, services)
  appRoutes(routes, services)
  allowedOriginRoutes(routes, services)
  identityIssuerRoutes(routes, services)
  appUserRoutes(routes, services)
  functionRoutes(routes, services)
  preflightRoutes(routes)
  connectorRoutes(routes, services)
  workspaceRoutes(routes, services)
  disconnectJobRoutes(routes, services)
  workspaceClosureRoutes(routes, services)
  memberRoutes(routes, services)
  auditEventRoutes(routes, services)
  authRoutes(routes, services)
  secondFactorRoutes(routes, services)
  oauthRoutes(routes, services)
  workspaceHealthRoutes(routes, services)
  paymentRoutes(routes, services)
  const binding = browserBinding(services.config.publicUrl.startsWith("https:"))
  connectRoutes(routes, services, binding)
  const forms = ownForms(binding, services.config)
  signInRoutes(routes, services, forms)
  signInCodeRoutes(routes, services, forms)
  openIdPages(routes, services, binding, forms)
  signInMethodRoutes(routes, services, binding)
  deviceRoutes(routes, services, forms)
  inviteRoutes(routes, services, forms)
  startRoutes(routes, services, owner)
  dashboardRoutes(routes, services)
  errorDocsRoutes(routes)
  webhookRoutes(routes, services)
  webhookDeliveryRoutes(routes, services)
  healthRoutes(routes, services)
  metricsRoutes(routes, services)
}

/** Published clients name JSON as the content type of requests that have no body. */
function acceptEmptyJson(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser("error", "error")
  app.removeContentTypeParser("application/json")
  app.addContentTypeParser<string>("application/json", { parseAs: "string" }, (request, body, done) => {
    if (body === "") return done(null, undefined)
    void parse(request, body, done)
  })
}

function newFastify(services: Services): FastifyInstance {
  const prefix = `req_${Math.floor(performance.timeOrigin).toString(36)}_${process.pid.toString(36)}_`
  let count = 0
  return Fastify({
    loggerInstance: services.log,
    // Addresses of connect links and callbacks are secrets: requests are not logged, failures are.
    logController: new LogController({ disableRequestLogging: true }),
    frameworkErrors: (error, request, reply) => void sendError(services.config, error, request, reply),
    // Most requests log nothing, and a logger for each would be a good part of what a token read costs: what is logged
    // of a request names it itself.
    childLoggerFactory: (logger) => logger,
    genReqId: () => prefix + (count += 1).toString(36),
    bodyLimit: 256 * 1024,
    routerOptions: { maxParamLength: 512 },
    // Forwarded headers change nothing but, where it is one of the operator's proxies that says so, the client's address.
    trustProxy: trustOf(services.config.trustedProxies),
    schemaController: { compilersFactory: lazyCompilers },
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, allErrors: false } },
  }) as unknown as FastifyInstance
}
