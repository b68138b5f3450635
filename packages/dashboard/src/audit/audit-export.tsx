import { Button, Menu } from "@mantine/core"
import { notifications } from "@mantine/notifications"
import { IconDownload } from "@tabler/icons-react"
import { useMutation } from "@tanstack/react-query"
import type { AuditFilter } from "@grantry/sdk/wire"
import { useState } from "react"
import { downloadAudit, saveFile } from "./download-audit.ts"

interface AuditExportProps {
  readonly workspaceId: string
  readonly filter: AuditFilter
}

export function AuditExport({ filter, workspaceId }: AuditExportProps) {
  const [bytes, setBytes] = useState(0)
  const save = useMutation({
    mutationFn: async (format: "csv" | "ndjson") => {
      setBytes(0)
      saveFile(`audit.${format}`, await downloadAudit(workspaceId, { ...filter, format }, setBytes))
    },
    onSuccess: () => notifications.show({ color: "teal", message: "The audit was exported." }),
    onError: (error) => notifications.show({ color: "red", message: error.message }),
  })
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="default" leftSection={<IconDownload size={16} />} disabled={save.isPending}>
          {save.isPending ? `Exporting… ${(bytes / 1e6).toFixed(1)} MB` : "Export"}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => save.mutate("csv")}>As CSV, for a spreadsheet</Menu.Item>
        <Menu.Item onClick={() => save.mutate("ndjson")}>As NDJSON, to be verified</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
