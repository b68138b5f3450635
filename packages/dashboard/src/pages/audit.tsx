import { EmptyState, Stack } from "@mantine/core"
import { useDebouncedValue } from "@mantine/hooks"
import { IconHistory } from "@tabler/icons-react"
import { useInfiniteQuery } from "@tanstack/react-query"
import { useParams } from "@tanstack/react-router"
import { useState } from "react"
import { AuditExport } from "../audit/audit-export.tsx"
import { AuditTable } from "../audit/audit-table.tsx"
import { type AuditFields, filterOf, noFilter } from "../audit/audit-filter.ts"
import { AuditFilterFields } from "../audit/audit-filter-fields.tsx"
import { useActorNames } from "../audit/use-actor-names.ts"
import { auditQuery } from "../server/audit-events.ts"
import { useMay } from "../server/workspaces.ts"
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
        <AuditFilterFields fields={fields} onChange={setFields} workspaceId={ws} />
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
