/**
 * Loaded before a server that is measured, which it leaves as it is: tells the parent what the process has used. Plain
 * JavaScript, so that it does not bring the compiler of TypeScript into the memory that it measures.
 */
process.on("message", (ask) => {
  if (ask !== "usage") return
  const { user, system } = process.cpuUsage()
  process.send?.({ cpuUs: user + system, rssBytes: process.memoryUsage.rss() })
})
// Listening to the parent must not keep the process up.
process.channel?.unref()
