/** Loaded before a server that is measured, which it leaves as it is: tells the parent what the process has used. */
import { type Ask, type Usage } from "./usage.ts"

process.on("message", (ask: Ask) => {
  if (ask !== "usage") return
  const { user, system } = process.cpuUsage()
  const usage: Usage = { cpuUs: user + system, rssBytes: process.memoryUsage.rss() }
  process.send?.(usage)
})
// Listening to the parent must not keep the process up.
process.channel?.unref()
