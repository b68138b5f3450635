/** `grantry doctor` */
import type { Finding } from "@grantry/server"
import type { Command } from "commander"
import type { CommonOptions, Process } from "../context.ts"
import { inspectHere } from "../doctor/inspect-here.ts"
import { inspectNode } from "../doctor/inspect-node.ts"
import { inspectServer } from "../doctor/inspect-server.ts"
import type { Output } from "../terminal/output.ts"
import { leaf } from "./command.ts"

export function doctorCommand(process: Process): Command {
  const facts = {
    usage: "doctor",
    description:
      "Look at what can be wrong and say how to mend it: here with the server's environment, or with --url from outside",
    examples: ["grantry doctor", "grantry doctor --url https://grantry.example.com --json"],
  }
  return leaf<CommonOptions & { readonly app?: string }>(process, facts, async (context, { app, url }) => {
    const { output } = context
    const rest = url === undefined ? await inspectHere(context.env) : await inspectServer(context, app)
    const findings = [inspectNode(), ...rest]
    const isWell = findings.every(({ status }) => status !== "failed")
    output.result({ ok: isWell, findings })
    for (const finding of findings) show(output, finding)
    if (!isWell) context.fail()
  }).option("--app <id>", "with --url: look at this app's redirect URIs and providers too")
}

const signs = {
  ok: ["green", "✓"],
  warning: ["yellow", "!"],
  failed: ["red", "✗"],
  skipped: ["dim", "·"],
} as const satisfies Record<Finding["status"], readonly [string, string]>

function show(output: Output, { check, detail, fix, status }: Finding): void {
  const [style, sign] = signs[status]
  output.line(`${output.style(style, sign)} ${output.style("bold", check)}  ${detail}`)
  if (fix !== undefined) output.line(`    → ${fix}`)
}
