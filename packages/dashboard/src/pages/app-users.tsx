import type { ConnectionSummary } from "@grantry/sdk/wire"
import { Button, EmptyState, SegmentedControl, Stack, Text, TextInput } from "@mantine/core"
import { useDebouncedValue } from "@mantine/hooks"
import { IconSearch, IconUsers } from "@tabler/icons-react"
import { useInfiniteQuery } from "@tanstack/react-query"
import { useParams } from "@tanstack/react-router"
import { useState } from "react"
import { ConnectionTable } from "../people/connection-table.tsx"
import {
  connectionsKey,
  disconnectById,
  isConnected,
  receiptText,
  userConnectionsQuery,
} from "../server/connections.ts"
import { useAct } from "../server/use-act.ts"
import { useMayInApp } from "../server/workspaces.ts"
import { ConfirmDialog } from "../show/confirm-dialog.tsx"
import { ErrorNotice } from "../show/error-notice.tsx"
import { MoreButton } from "../show/more-button.tsx"
import { PageHeading } from "../show/page-heading.tsx"

export function AppUsers() {
  const { app } = useParams({ from: "/apps/$app/users" })
  const [search, setSearch] = useState("")
  const [shown, show] = useState("all")
  const [settled] = useDebouncedValue(search.trim(), 300)
  const [asked, ask] = useState<ConnectionSummary>()
  const mayDisconnect = useMayInApp(app, "editor")
  const users = useInfiniteQuery(userConnectionsQuery(app, settled, shown === "expired"))
  const found = users.data?.pages.flatMap((page) => page.connections) ?? []
  const end = useAct({
    act: (connection: ConnectionSummary) => disconnectById(app, connection.id),
    done: ({ revoked }) => `Disconnected. ${receiptText(revoked)}`,
    changes: [connectionsKey(app)],
  })
  const action = (connection: ConnectionSummary) =>
    isConnected(connection) && (
      <Button
        variant="subtle"
        color="red"
        size="compact-sm"
        onClick={() => ask(connection)}
        aria-label={`Disconnect ${connection.display_name} of ${connection.user_id ?? ""}`}
      >
        Disconnect
      </Button>
    )
  return (
    <>
      <PageHeading title="App users">
        Accounts that this app's own users have connected. Only they can connect; you can disconnect when they
        ask.
      </PageHeading>
      <Stack>
        <TextInput
          type="search"
          label="Find a user"
          description="By the beginning of the user's id, as the app's tokens name it, or of the connected account's name, such as an e-mail address."
          autoComplete="off"
          spellCheck={false}
          maxLength={200}
          leftSection={<IconSearch size={16} />}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
        <ErrorNotice error={users.error} />
        {settled === "" && (
          <SegmentedControl
            aria-label="Which accounts"
            style={{ alignSelf: "flex-start" }}
            value={shown}
            onChange={show}
            data={[
              { value: "all", label: "All" },
              { value: "expired", label: "Must connect again" },
            ]}
          />
        )}
        <Text component="output" size="sm" c="dimmed">
          {settled !== "" && users.isSuccess && foundText(found.length, users.hasNextPage)}
        </Text>
        {users.isSuccess && found.length === 0 && (
          <NoUsers isSearch={settled !== ""} isExpired={shown === "expired"} />
        )}
        {found.length > 0 && <ConnectionTable connections={found} {...(mayDisconnect && { action })} />}
        <MoreButton query={users} />
      </Stack>
      <ConfirmDialog
        title={`Disconnect ${asked?.display_name ?? ""} of ${asked?.user_id ?? ""}?`}
        verb="Disconnect"
        opened={asked !== undefined}
        onClose={() => ask(undefined)}
        isBusy={end.isPending}
        error={end.error}
        onConfirm={() => asked && end.mutate(asked, { onSuccess: () => ask(undefined) })}
      >
        The tokens are destroyed at once and the provider is told to revoke them. The user can connect again.
      </ConfirmDialog>
    </>
  )
}

function foundText(count: number, areMore: boolean): string {
  const accounts = count === 1 ? "1 account" : `${count} accounts`
  return areMore ? `${accounts} found, and there are more.` : `${accounts} found.`
}

interface NoUsersProps {
  readonly isSearch: boolean
  readonly isExpired: boolean
}

function NoUsers({ isExpired, isSearch }: NoUsersProps) {
  if (isExpired && !isSearch)
    return (
      <EmptyState
        icon={<IconUsers size={28} />}
        title="Nobody has to connect again"
        description="Every grant that was not taken back still works."
      />
    )
  return (
    <EmptyState
      icon={<IconUsers size={28} />}
      title={isSearch ? "Nobody begins like this" : "No user has connected an account yet"}
      description={
        isSearch
          ? "Ids are compared letter by letter, in their case; account names in whichever case."
          : "They do it from your app's pages: connectors.connectAppUser(connectorId) of the SDK."
      }
    />
  )
}
