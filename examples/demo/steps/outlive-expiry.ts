import type { Demo } from "../demo-app.ts"
import { calendarList } from "./services.ts"

const twoHoursMs = 2 * 3_600_000
const callers = 20

export async function outliveExpiry({ callService, grantry, owner, say }: Demo): Promise<void> {
  const { connectors } = grantry.asServiceRole
  say.title("Two hours later")
  const old = await connectors.getConnection("googlecalendar")
  await owner("POST", "/sandbox/_control/clock", { advance_ms: twoHoursMs })
  const refused = await callService("googlecalendar", calendarList, old.accessToken)
  say.check(refused === 401, `The old token has expired: Google Calendar's API answers HTTP ${refused}`)

  const answers = await Promise.all(
    Array.from({ length: callers }, () => connectors.getConnection("googlecalendar")),
  )
  const fresh = new Set(answers.map(({ accessToken }) => accessToken))
  const [accessToken = ""] = fresh
  say.check(fresh.size === 1, `${callers} calls at once get the same token: ${say.secret(accessToken)}`)
  say.check(accessToken !== old.accessToken, "It is a new one, fetched while they waited")
  const { requests } = await owner("GET", "/sandbox/_control/requests?type=googlecalendar")
  const refreshes = Array.isArray(requests) ? requests.filter(isRefresh).length : 0
  say.check(refreshes === 1, `The provider was asked for it ${refreshes} time`)
  const status = await callService("googlecalendar", calendarList, accessToken)
  say.check(status === 200, `Google Calendar's API takes it: HTTP ${status}`)
}

function isRefresh(request: unknown): boolean {
  return Reflect.get(Object(request), "endpoint") === "refresh"
}
