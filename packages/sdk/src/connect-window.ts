import type { AppUserStatusAnswer, ConnectOutcome, InitiateAnswer } from "./wire/app-user-auth.ts"

/** How a window ended, as far as the page that opened it can tell. */
export type WindowOutcome = Omit<ConnectOutcome, "connector">

/**
 * Opens the connect page in a window and waits for how it ends.
 *
 * @param serverOrigin the only one whose messages count
 * @returns never, where the window was blocked: the page itself goes to the connect page then
 */
export async function connectInWindow(
  serverOrigin: string,
  initiate: () => Promise<InitiateAnswer>,
  readStatus: () => Promise<Pick<AppUserStatusAnswer, "status">>,
): Promise<WindowOutcome> {
  // Before anything is awaited: browsers open windows only while they handle a click.
  const popup = open("", "_blank", "popup,width=600,height=720")
  let message: WindowOutcome | undefined
  let wake: () => void
  let connection_id: string
  const listen = ({ origin, source, data }: MessageEvent): void => {
    // The source of a message is null once its window has closed.
    if (origin !== serverOrigin || (source && source !== popup)) return
    if (data?.source === "grantry" && data.type === "connect" && data.connection_id === connection_id) {
      message = data
      wake()
    }
  }
  try {
    // A user who connects again is connected all along: only a change says that they are done.
    const before = JSON.stringify(await readStatus())
    const started = await initiate()
    connection_id = started.connection_id
    ;(popup ?? window).location.assign(started.redirect_url)
    addEventListener("message", listen)
    // A provider whose page severs itself from ours makes its window read closed while the user is still there, and
    // then no message can come, so the server is asked: for as long as an attempt lives, or three times once this
    // page has the focus again, which says that the window is gone.
    for (let patience = 300; patience > 0;) {
      await new Promise<void>((resolve) => setTimeout((wake = resolve), 2000))
      if (message) return message
      if (!popup?.closed) continue
      const now = await readStatus()
      if (now.status === "connected" && JSON.stringify(now) !== before) {
        return { connection_id, status: "connected" }
      }
      patience -= document.hasFocus() ? 100 : 1
    }
    return { connection_id, status: "error", error: "window_closed" }
  } catch (error) {
    popup?.close()
    throw error
  } finally {
    removeEventListener("message", listen)
  }
}
