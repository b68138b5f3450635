/** The whole main job, unattended: a server of its own, real redirects, emulated providers, nothing left behind. */
import { narrator } from "./narrator.ts"
import { startDemoServer } from "./demo-server.ts"
import { createDemoApp, type Demo } from "./demo-app.ts"
import { connectAndUse } from "./steps/connect-and-use.ts"
import { disconnect } from "./steps/disconnect.ts"
import { outliveExpiry } from "./steps/outlive-expiry.ts"
import { useOwnAccount } from "./steps/use-own-account.ts"
import { useSlack } from "./steps/use-slack.ts"

/** In running order; each goes on where the one before ended. */
const steps: readonly ((demo: Demo) => Promise<void>)[] = [
  connectAndUse,
  outliveExpiry,
  useSlack,
  useOwnAccount,
  disconnect,
]

const longestRunMs = 30_000

async function run(signal: AbortSignal): Promise<void> {
  const say = narrator((line) => console.log(line))
  say.title("A server with a throw-away database and emulated providers")
  const server = await startDemoServer(signal)
  try {
    say.fact(`It listens at ${server.url}`)
    const demo = await createDemoApp({ server, say, signal })
    say.fact(`An app called "${demo.app.name}" has a service key: ${say.secret(demo.app.serviceKey)}`)
    for (const step of steps) await step(demo)
  } finally {
    await server.stop()
  }
  say.title("Done")
  say.fact("The server is stopped, its database deleted")
}

const interrupted = new AbortController()
for (const name of ["SIGINT", "SIGTERM"] as const) {
  process.once(name, () => interrupted.abort(new Error(`interrupted by ${name}`)))
}
const tooLong = AbortSignal.timeout(longestRunMs)

try {
  await run(AbortSignal.any([interrupted.signal, tooLong]))
} catch (error) {
  const reason = tooLong.aborted ? `it took longer than ${longestRunMs / 1000} s` : describe(error)
  console.error(`\nThe demo failed: ${reason}`)
  process.exitCode = 1
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message
}
