import type { Webhook } from "@grantry/sdk/wire"
import { Grid, Stack } from "@mantine/core"
import { useQuery } from "@tanstack/react-query"
import { useParams } from "@tanstack/react-router"
import { webhooksQuery } from "../server/webhooks.ts"
import { useMay } from "../server/workspaces.ts"
import { NoSuchPage } from "../shell/no-such-page.tsx"
import { BackLink } from "../show/back-link.tsx"
import { ForAdmins } from "../show/for-admins.tsx"
import { Loaded } from "../show/loaded.tsx"
import { PageHeading } from "../show/page-heading.tsx"
import { DeleteWebhook } from "../webhooks/delete-webhook.tsx"
import { Deliveries } from "../webhooks/deliveries.tsx"
import { WebhookActions } from "../webhooks/webhook-actions.tsx"
import { WebhookFacts, WebhookTrouble } from "../webhooks/webhook-facts.tsx"
import { WebhookSecret } from "../webhooks/webhook-secret.tsx"

export function WebhookPage() {
  const { id, ws } = useParams({ from: "/workspaces/$ws/webhooks/$id" })
  if (!useMay(ws, "admin")) return <ForAdmins title="Webhook" about="An address that events are sent to." />
  return <WebhookOf workspaceId={ws} id={id} />
}

function WebhookOf({ id, workspaceId }: { readonly workspaceId: string; readonly id: string }) {
  const webhooks = useQuery(webhooksQuery(workspaceId))
  return (
    <>
      <BackLink to="/workspaces/$ws/webhooks" params={{ ws: workspaceId }}>
        All webhooks
      </BackLink>
      <Loaded of={webhooks}>
        {(all) => {
          const found = all.find((one) => one.id === id)
          return found ? <OneWebhook webhook={found} workspaceId={workspaceId} /> : <NoSuchPage />
        }}
      </Loaded>
    </>
  )
}

interface OneWebhookProps {
  readonly webhook: Webhook
  readonly workspaceId: string
}

function OneWebhook(props: OneWebhookProps) {
  const { webhook, workspaceId } = props
  return (
    <>
      <PageHeading title={new URL(webhook.url).host} actions={<WebhookActions {...props} />}>
        {webhook.url}
      </PageHeading>
      <Stack>
        <WebhookTrouble webhook={webhook} />
        <Deliveries workspaceId={workspaceId} webhookId={webhook.id} />
        <Grid>
          <Grid.Col span={{ base: 12, md: 7 }}>
            <WebhookFacts webhook={webhook} />
          </Grid.Col>
          <Grid.Col span={{ base: 12, md: 5 }}>
            <Stack>
              <WebhookSecret {...props} />
              <DeleteWebhook {...props} />
            </Stack>
          </Grid.Col>
        </Grid>
      </Stack>
    </>
  )
}
