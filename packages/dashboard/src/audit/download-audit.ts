import type { AuditExportQuery } from "@grantry/sdk/wire"
import { server } from "../server/client.ts"

/** What a page keeps in memory until it is saved; longer ones are for the command line. */
const maxBytes = 100 * 1024 * 1024

/** @param onProgress bytes so far */
export async function downloadAudit(
  workspaceId: string,
  query: AuditExportQuery,
  onProgress: (bytes: number) => void,
): Promise<Blob> {
  const response = await server.audit.export(workspaceId, query)
  const reader = response.body?.getReader()
  const parts: Uint8Array<ArrayBuffer>[] = []
  let bytes = 0
  for (let part = await reader?.read(); part?.done === false; part = await reader?.read()) {
    bytes += part.value.length
    if (bytes > maxBytes) {
      await reader?.cancel()
      throw new Error(
        "This export is larger than 100 MB. Narrow the time down, or use grantry audit export --out FILE.",
      )
    }
    parts.push(part.value)
    onProgress(bytes)
  }
  return new Blob(parts, { type: response.headers.get("content-type") ?? "" })
}

export function saveFile(name: string, content: Blob): void {
  const url = URL.createObjectURL(content)
  const link = document.createElement("a")
  link.href = url
  link.download = name
  link.click()
  URL.revokeObjectURL(url)
}
