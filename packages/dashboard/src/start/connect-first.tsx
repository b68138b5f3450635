import { Button, Group } from "@mantine/core"
import { useQuery } from "@tanstack/react-query"
import { Link } from "@tanstack/react-router"
import { connectorTypesQuery } from "../server/connector-types.ts"

/** Any type that asks for nothing before consent; calendars are what people know. */
export function ConnectFirst({ appId }: { readonly appId: string }) {
  const types = useQuery(connectorTypesQuery).data ?? []
  const simple = types.filter((type) => type.connection_config_fields.length === 0)
  const example = simple.find((type) => type.category === "calendar") ?? simple[0]
  return (
    <Group gap="xs">
      {example && (
        <Button
          renderRoot={(props) => (
            <Link
              to="/apps/$app/integrations/$type"
              params={{ app: appId, type: example.integration_type }}
              {...props}
            />
          )}
        >
          Connect {example.display_name}
        </Button>
      )}
      <Button
        variant="default"
        renderRoot={(props) => <Link to="/apps/$app/integrations" params={{ app: appId }} {...props} />}
      >
        Choose another service
      </Button>
    </Group>
  )
}
