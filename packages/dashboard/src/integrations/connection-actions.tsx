import type { AuthorizationAnswer, ConnectionDetails, ConnectorTypeInfo } from "@grantry/sdk/wire"
import { Button, Group, Stack } from "@mantine/core"
import { useDisclosure } from "@mantine/hooks"
import { server } from "../server/client.ts"
import { connectionsKey, isConnected, receiptText } from "../server/connections.ts"
import { useAct } from "../server/use-act.ts"
import { useConsent } from "../server/use-consent.ts"
import { useMayInApp } from "../server/workspaces.ts"
import { givenValues } from "../show/config-fields.tsx"
import { ConfirmDialog } from "../show/confirm-dialog.tsx"
import { ErrorNotice } from "../show/error-notice.tsx"
import { CheckButton } from "./check-button.tsx"
import { ConsentDialog } from "./consent-dialog.tsx"
import type { ConnectForm } from "./use-connect-form.ts"

interface ConnectionActionsProps {
  readonly appId: string
  readonly type: ConnectorTypeInfo
  readonly connection: ConnectionDetails | undefined
  readonly form: ConnectForm
}

export function ConnectionActions(props: ConnectionActionsProps) {
  return useMayInApp(props.appId, "editor") ? <Actions {...props} /> : null
}

function Actions({ appId, connection, form, type }: ConnectionActionsProps) {
  const name = type.integration_type
  const isThere = isConnected(connection)
  const { begin, consent, dismiss } = useConsent({ appId, type: name })
  const connect = useAct({
    act: (force: boolean) => ask({ appId, type: name, form, force }),
    changes: [connectionsKey(appId)],
  })
  const start = (force: boolean) => connect.mutate(force, { onSuccess: begin })
  return (
    <Stack gap="xs" align="flex-end">
      <Group gap="xs">
        {isThere && <CheckButton appId={appId} type={name} />}
        {isThere && <Disconnect appId={appId} type={type} />}
        <Button loading={connect.isPending} onClick={() => start(isThere && !form.hasNewScopes)}>
          {isThere ? (form.hasNewScopes ? "Ask for these permissions" : "Reconnect") : "Connect"}
        </Button>
      </Group>
      <ErrorNotice error={connect.error} />
      <ConsentDialog
        consent={consent}
        service={type.display_name}
        onClose={() => {
          if (consent.kind === "connected") form.reset()
          dismiss()
        }}
        onForce={() => start(true)}
      />
    </Stack>
  )
}

interface Asked {
  readonly appId: string
  readonly type: string
  readonly form: ConnectForm
  readonly force: boolean
}

/** Declaring says exactly which permissions; only initiating can take over or ask once more for the same ones. */
function ask({ appId, force, form, type }: Asked): Promise<AuthorizationAnswer> {
  const request = { scopes: form.scopes, connection_config: givenValues(form.config) }
  if (!force) return server.sharedConnections.declare(appId, type, request)
  return server.sharedConnections.initiate(appId, {
    integration_type: type,
    ...request,
    force_reconnect: true,
  })
}

function Disconnect({ appId, type }: { readonly appId: string; readonly type: ConnectorTypeInfo }) {
  const [isAsked, dialog] = useDisclosure(false)
  const end = useAct({
    act: () => server.sharedConnections.disconnect(appId, type.integration_type),
    done: ({ revoked }) => `${type.display_name} is disconnected. ${receiptText(revoked)}`,
    changes: [connectionsKey(appId)],
  })
  return (
    <>
      <Button variant="light" color="red" onClick={dialog.open}>
        Disconnect
      </Button>
      <ConfirmDialog
        title={`Disconnect ${type.display_name}?`}
        verb="Disconnect"
        opened={isAsked}
        onClose={dialog.close}
        isBusy={end.isPending}
        error={end.error}
        onConfirm={() => end.mutate(undefined, { onSuccess: dialog.close })}
      >
        The tokens are destroyed at once and the provider is told to revoke them. Calls of this app for{" "}
        {type.display_name} fail until somebody connects again.
      </ConfirmDialog>
    </>
  )
}
