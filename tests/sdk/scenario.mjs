// What every runtime has to do alike. Plain JavaScript that names no runtime: it is run by each of them as it is.
import * as sdk from "./sdk.js"

/** What came of it, as data: nothing in here may differ from one runtime to the next. */
export async function scenario(serverUrl, appId, serviceKey) {
  const client = sdk.createClient({
    serverUrl: `${serverUrl}/`,
    appId,
    serviceToken: serviceKey,
    token: "user.jwt",
  })
  const { connectors } = client.asServiceRole
  const hasty = sdk.createClient({ serverUrl, appId, serviceToken: serviceKey, timeoutMs: 150 }).asServiceRole
    .connectors
  const request = new Request(`${serverUrl}/fn`, {
    headers: {
      "Base44-App-Id": appId,
      "Base44-Api-Url": serverUrl,
      "Base44-Service-Authorization": `Bearer ${serviceKey}`,
    },
  })
  const forwarded = sdk.createClientFromRequest(request).asServiceRole.connectors
  return {
    config: client.getConfig(),
    connection: await connectors.getConnection("slack"),
    odd: await connectors.getAccessToken("odd/type?&#"),
    byConnector: (await connectors.getWorkspaceConnection("con_1")).accessToken,
    appUser: await appUserOutcome(client),
    forwarded: await forwarded.getAccessToken("slack"),
    neverConnected: await refusalOf(connectors.getConnection("never_connected")),
    grantDead: await refusalOf(connectors.getConnection("grant_dead")),
    providerAway: await refusalOf(connectors.getConnection("provider_away")),
    notJson: await refusalOf(connectors.getConnection("web_page")),
    redirect: (await refusalOf(connectors.getConnection("moved"))).message,
    timedOut: await refusalOf(hasty.getConnection("stalls")),
    unreachable: await unreachableRefusal(appId, serviceKey),
    withoutServiceToken: messageOf(() => sdk.createClient({ serverUrl, appId }).asServiceRole),
    withoutServerUrl: messageOf(() => sdk.createClient({ appId })),
  }
}

/** What app users and backend code on their behalf do. */
async function appUserOutcome({ connectors, asServiceRole }) {
  const redirectUrl = await connectors.connectAppUser("con_1", { loginHint: "ada@example.com" })
  const completed = await connectors.completeConnect(
    `${redirectUrl}?connection_id=conn_con_1&status=connected&connect_handle=handle_con_1`,
  )
  return {
    redirectUrl,
    completed,
    status: await connectors.status("con_1"),
    list: (await connectors.list()).map(({ connectorId }) => connectorId),
    token: (await asServiceRole.connectors.getCurrentAppUserConnection("con_1")).accessToken,
    users: (await asServiceRole.connectors.listAppUsers("con_1")).map(({ userId }) => userId),
    ofUser: (await asServiceRole.connectors.getAppUserConnection({ userId: "u1", connectorId: "con_1" }))
      .accessToken,
    minted: (await asServiceRole.users.createToken({ userId: "u1" })).expiresAt,
    disconnected: await connectors.disconnectAppUser("con_1"),
    refused: await refusalOf(
      connectors.completeConnect(`${redirectUrl}?connection_id=c&status=error&error=access_denied`),
    ),
  }
}

async function refusalOf(call) {
  try {
    await call
  } catch (error) {
    const { name, message, status, code, retryAfterMs, reconnectUrl, since } = error
    const isGrantryError = error instanceof sdk.GrantryError
    return {
      isGrantryError,
      name,
      message,
      status,
      code,
      retryAfterMs,
      reconnectUrl,
      since,
      json: JSON.stringify(error),
    }
  }
  throw new Error("the call succeeded")
}

/** Port 9 (discard) has no listener; each runtime has words of its own for that, so only the constant part is kept. */
async function unreachableRefusal(appId, serviceKey) {
  const client = sdk.createClient({ serverUrl: "http://127.0.0.1:9", appId, serviceToken: serviceKey })
  const { isGrantryError, message, status } = await refusalOf(
    client.asServiceRole.connectors.getConnection("slack"),
  )
  return { isGrantryError, status, message: message.split(" (")[0] }
}

function messageOf(act) {
  try {
    act()
  } catch (error) {
    return error.message
  }
  throw new Error("it did not throw")
}
