/** What a person does at `oidc-provider`: signs in and consents, or refuses, as soon as it asks. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type Provider from "oidc-provider"

export interface Decision {
  readonly accountId: string
  readonly decision: "approve" | "deny"
}

/** @param decided asked at each of its questions */
export function openIdServer(provider: Provider, decided: () => Decision): Server {
  const answer = provider.callback()
  return createServer((request, response) => {
    if (request.url?.startsWith("/interaction/") !== true) return void answer(request, response)
    decide(provider, request, response, decided()).catch((error: unknown) => {
      response.writeHead(500).end(String(error))
    })
  })
}

/** @returns its address */
export async function listenLocally(server: Server, port = 0): Promise<string> {
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve))
  const address = server.address()
  if (address === null || typeof address === "string") throw new Error("no port")
  return `http://127.0.0.1:${address.port}`
}

export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

async function decide(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
  { accountId, decision }: Decision,
): Promise<void> {
  const { params, prompt, session } = await provider.interactionDetails(request, response)
  if (prompt.name === "login") {
    return provider.interactionFinished(request, response, { login: { accountId } })
  }
  if (decision === "deny") {
    const refusal = { error: "access_denied", error_description: "Ada said no" }
    return provider.interactionFinished(request, response, refusal)
  }
  const grant = new provider.Grant({
    accountId: session?.accountId ?? "",
    clientId: String(params["client_id"]),
  })
  grant.addOIDCScope(String(params["scope"]))
  return provider.interactionFinished(request, response, { consent: { grantId: await grant.save() } })
}
