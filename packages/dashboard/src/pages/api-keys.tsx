import { useQuery } from "@tanstack/react-query"
import { useParams } from "@tanstack/react-router"
import { KeyList } from "../keys/key-list.tsx"
import { NewKeyButton } from "../keys/new-key-button.tsx"
import { server } from "../server/client.ts"
import { apiKeysKey, apiKeysQuery } from "../server/keys.ts"
import { Loaded } from "../show/loaded.tsx"
import { PageHeading } from "../show/page-heading.tsx"

export function ApiKeys() {
  const { ws } = useParams({ from: "/workspaces/$ws/api-keys" })
  const keys = useQuery(apiKeysQuery(ws))
  const of = { api: server.apiKeys, ownerId: ws, queryKey: apiKeysKey(ws) }
  const button = (
    <NewKeyButton
      {...of}
      noun="API key"
      hint="Sent as the header api_key; as BASE44_API_KEY for the command line."
    />
  )
  return (
    <>
      <PageHeading title="API keys" actions={button}>
        For scripts and continuous integration: such a key acts as the member who made it, in this workspace
        only.
      </PageHeading>
      <Loaded of={keys}>
        {(found) => (
          <KeyList {...of} keys={found} mayRevoke emptyText="Scripts need one to act in your place." />
        )}
      </Loaded>
    </>
  )
}
