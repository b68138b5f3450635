import { Button, EmptyState, Group, Select, Stack, TextInput } from "@mantine/core"
import { useDebouncedValue } from "@mantine/hooks"
import { IconHistory } from "@tabler/icons-react"
import { useInfiniteQuery, useQuery } from "@tanstack/react-query"
import { useParams } from "@tanstack/react-router"
import { useState } from "react"
import { AuditExport } from "../audit/audit-export.tsx"
import { AuditTable } from "../audit/audit-table.tsx"
import { type AuditFields, filterOf, noFilter } from "../audit/audit-filter.ts"
import { useActorNames } from "../audit/use-actor-names.ts"
import { auditQuery } from "../server/audit-events.ts"
import { appsQuery, useMay } from "../server/workspaces.ts"
import { ErrorNotice } from "../show/error-notice.tsx"
import { MoreButton } from "../show/more-button.tsx"
import { PageHeading } from "../show/page-heading.tsx"

export function Audit() {
  const { ws } = useParams({ from: "/workspaces/$ws/audit" })
  return useMay(ws, "admin") ? <AuditOf workspaceId={ws} /> : <ForAdmins />
}

function ForAdmins() {
  return (
    <>
      <PageHeading title="Audit">Who did and read what.</PageHeading>
      <EmptyState
        icon={<IconHistory size={28} />}
        title="For owners and admins"
        description="Ask one of them, or to become one."
      />
    </>
  )
}

function AuditOf({ workspaceId: ws }: { readonly workspaceId: string }) {
  const [fields, setFields] = useState<AuditFields>(noFilter)
  const nameOf = useActorNames(ws)
  const [settled] = useDebouncedValue(fields, 300)
  const filter = filterOf(settled)
  const events = useInfiniteQuery(auditQuery(ws, { ...filter, limit: 50 }))
  const found = events.data?.pages.flatMap((page) => page.audit_events) ?? []
  return (
    <>
      <PageHeading title="Audit" actions={<AuditExport workspaceId={ws} filter={filter} />}>
        Who did and read what, newest first.
      </PageHeading>
      <Stack>
        <Filter fields={fields} onChange={setFields} workspaceId={ws} />
        <ErrorNotice error={events.error} />
        {events.isSuccess && found.length === 0 && (
          <EmptyState icon={<IconHistory size={28} />} title="Nothing like that has happened" />
        )}
        {found.length > 0 && <AuditTable events={found} nameOf={nameOf} />}
        <MoreButton query={events} />
      </Stack>
    </>
  )
}

interface FilterProps {
  readonly fields: AuditFields
  readonly onChange: (fields: AuditFields) => void
  readonly workspaceId: string
}

function Filter({ fields, onChange, workspaceId }: FilterProps) {
  const apps = useQuery(appsQuery).data?.filter((one) => one.organization_id === workspaceId) ?? []
  const text = (name: "actor" | "action" | "since" | "until") => ({
    value: fields[name],
    onChange: (event: { currentTarget: { value: string } }) =>
      onChange({ ...fields, [name]: event.currentTarget.value }),
  })
  return (
    <Group gap="sm" align="flex-end">
      <TextInput label="Who" placeholder="member:mem_…" w={{ base: "100%", xs: 190 }} {...text("actor")} />
      <TextInput
        label="What"
        placeholder="connection.connect"
        w={{ base: "100%", xs: 190 }}
        {...text("action")}
      />
      <Select
        label="App"
        placeholder="All"
        clearable
        w={{ base: "100%", xs: 180 }}
        data={apps.map(({ id, name }) => ({ value: id, label: name }))}
        value={fields.appId}
        onChange={(appId) => onChange({ ...fields, appId })}
      />
      <TextInput label="From" type="datetime-local" w={{ base: "100%", xs: 200 }} {...text("since")} />
      <TextInput label="Until" type="datetime-local" w={{ base: "100%", xs: 200 }} {...text("until")} />
      <Button variant="subtle" onClick={() => onChange(noFilter)}>
        Clear
      </Button>
    </Group>
  )
}
