import { Button, Menu } from "@mantine/core"
import { notifications } from "@mantine/notifications"
import { IconDownload } from "@tabler/icons-react"
import { useMutation } from "@tanstack/react-query"
import type { AuditEventQuery } from "@grantry/sdk/wire"
import { collectAudit, saveFile, toCsv } from "./collect-audit.ts"

interface AuditExportProps {
  readonly workspaceId: string
  readonly filter: AuditEventQuery
}

export function AuditExport({ filter, workspaceId }: AuditExportProps) {
  const save = useMutation({
    mutationFn: async (format: "csv" | "json") => {
      const { events, isComplete } = await collectAudit(workspaceId, filter)
      const text = format === "csv" ? toCsv(events) : JSON.stringify(events, null, 2)
      saveFile(`audit.${format}`, format === "csv" ? "text/csv" : "application/json", text)
      return { count: events.length, isComplete }
    },
    onSuccess: ({ count, isComplete }) =>
      notifications.show({
        color: isComplete ? "teal" : "yellow",
        message: isComplete
          ? `${count} events exported.`
          : `The newest ${count} events were exported: there are more. Narrow the time down for the rest.`,
      }),
    onError: (error) => notifications.show({ color: "red", message: error.message }),
  })
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="default" leftSection={<IconDownload size={16} />} loading={save.isPending}>
          Export
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => save.mutate("csv")}>As CSV</Menu.Item>
        <Menu.Item onClick={() => save.mutate("json")}>As JSON</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
