import { Button, Group, Select, TextInput } from "@mantine/core"
import { useQuery } from "@tanstack/react-query"
import { appsQuery } from "../server/workspaces.ts"
import { type AuditFields, noFilter } from "./audit-filter.ts"

interface AuditFilterFieldsProps {
  readonly fields: AuditFields
  readonly onChange: (fields: AuditFields) => void
  readonly workspaceId: string
}

const width = { base: "100%", xs: 190 }

export function AuditFilterFields({ fields, onChange, workspaceId }: AuditFilterFieldsProps) {
  const apps = useQuery(appsQuery).data?.filter((one) => one.organization_id === workspaceId) ?? []
  const text = (name: Exclude<keyof AuditFields, "appId">) => ({
    value: fields[name],
    w: width,
    onChange: (event: { currentTarget: { value: string } }) =>
      onChange({ ...fields, [name]: event.currentTarget.value }),
  })
  return (
    <Group gap="sm" align="flex-end">
      <TextInput label="Who" placeholder="member:mem_…" {...text("actor")} />
      <TextInput label="What" placeholder="connection.connect" {...text("action")} />
      <TextInput label="On what" placeholder="conn_…" {...text("target")} />
      <TextInput label="Outcome" placeholder="refused" {...text("outcome")} />
      <Select
        label="App"
        placeholder="All"
        clearable
        w={width}
        data={apps.map(({ id, name }) => ({ value: id, label: name }))}
        value={fields.appId}
        onChange={(appId) => onChange({ ...fields, appId })}
      />
      <TextInput label="From" type="datetime-local" {...text("since")} />
      <TextInput label="Until" type="datetime-local" {...text("until")} />
      <Button variant="subtle" onClick={() => onChange(noFilter)}>
        Clear
      </Button>
    </Group>
  )
}
