import { useQuery } from "@tanstack/react-query"
import { useParams } from "@tanstack/react-router"
import { KeyList } from "../keys/key-list.tsx"
import { NewKeyButton } from "../keys/new-key-button.tsx"
import { server } from "../server/client.ts"
import { serviceKeysKey, serviceKeysQuery } from "../server/keys.ts"
import { useMayInApp } from "../server/workspaces.ts"
import { Loaded } from "../show/loaded.tsx"
import { PageHeading } from "../show/page-heading.tsx"

export function ServiceKeys() {
  const { app } = useParams({ from: "/apps/$app/keys" })
  const mayWrite = useMayInApp(app, "editor")
  const keys = useQuery(serviceKeysQuery(app))
  const of = { api: server.serviceKeys, ownerId: app, queryKey: serviceKeysKey(app) }
  const button = mayWrite && (
    <NewKeyButton
      {...of}
      noun="Service key"
      hint="Give it to the app's backend as GRANTRY_SERVICE_KEY, never to a browser."
    />
  )
  return (
    <>
      <PageHeading title="Service keys" actions={button}>
        With one of these, this app's backend code fetches tokens, and nothing else.
      </PageHeading>
      <Loaded of={keys}>
        {(found) => (
          <KeyList
            {...of}
            keys={found}
            mayRevoke={mayWrite}
            emptyText="Backend code needs one to fetch tokens."
          />
        )}
      </Loaded>
    </>
  )
}
