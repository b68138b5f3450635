import { EmptyState, Stack } from "@mantine/core"
import { IconWebhook } from "@tabler/icons-react"
import { useQuery } from "@tanstack/react-query"
import { useParams } from "@tanstack/react-router"
import { webhooksQuery } from "../server/webhooks.ts"
import { useMay } from "../server/workspaces.ts"
import { ForAdmins } from "../show/for-admins.tsx"
import { Loaded } from "../show/loaded.tsx"
import { PageHeading } from "../show/page-heading.tsx"
import { NewWebhook } from "../webhooks/new-webhook.tsx"
import { WebhookLine } from "../webhooks/webhook-line.tsx"

const about = "Your backend is told when somebody connects, disconnects or has to connect again."

export function Webhooks() {
  const { ws } = useParams({ from: "/workspaces/$ws/webhooks" })
  return useMay(ws, "admin") ? <WebhooksOf workspaceId={ws} /> : <ForAdmins title="Webhooks" about={about} />
}

function WebhooksOf({ workspaceId }: { readonly workspaceId: string }) {
  const webhooks = useQuery(webhooksQuery(workspaceId))
  return (
    <>
      <PageHeading title="Webhooks" actions={<NewWebhook workspaceId={workspaceId} />}>
        {about}
      </PageHeading>
      <Loaded of={webhooks}>
        {(found) =>
          found.length === 0 ? (
            <EmptyState
              icon={<IconWebhook size={28} />}
              title="No webhook yet"
              description="Without one, your code asks for a connection's status when it needs it."
            />
          ) : (
            <Stack component="ul" gap="sm" p={0} m={0} style={{ listStyle: "none" }}>
              {found.map((webhook) => (
                <WebhookLine key={webhook.id} webhook={webhook} workspaceId={workspaceId} />
              ))}
            </Stack>
          )
        }
      </Loaded>
    </>
  )
}
