import type { ConnectorTypeInfo } from "@grantry/sdk/wire"
import { Alert, Anchor, Card, List, Skeleton, Stack, Text, Title } from "@mantine/core"
import { IconAlertCircle, IconExternalLink } from "@tabler/icons-react"
import type { ReactNode } from "react"
import { CopyText } from "../show/copy-text.tsx"

interface ProviderStepsProps {
  readonly type: ConnectorTypeInfo
  /** null: it is on its way. */
  readonly redirectUri: string | null
}

/** What to do in the provider's console, and what people stumble over there. */
export function ProviderSteps({ redirectUri, type }: ProviderStepsProps) {
  const { documentation_url: documentation, pitfalls, register_url: register } = type.setup
  return (
    <Card>
      <Title order={2} mb="sm">
        At {type.display_name}
      </Title>
      <List type="ordered" size="sm" spacing="xs">
        <List.Item>
          Register an OAuth app in <Outside href={register}>{type.display_name}'s console</Outside>
        </List.Item>
        <List.Item>
          {redirectUri === null ? (
            <Skeleton h={44} />
          ) : (
            <Stack gap={4}>
              <Text size="sm">Add this redirect URI there, character for character:</Text>
              <CopyText text={redirectUri} label="redirect URI" />
            </Stack>
          )}
        </List.Item>
        <List.Item>Allow it the permissions that you choose here.</List.Item>
        <List.Item>Copy its client ID and client secret into this page.</List.Item>
      </List>
      {pitfalls.length > 0 && (
        <Alert
          role="note"
          mt="md"
          color="yellow"
          variant="light"
          icon={<IconAlertCircle size={18} />}
          title="Easily missed"
        >
          <List size="sm" spacing={6}>
            {pitfalls.map((pitfall) => (
              <List.Item key={pitfall}>{pitfall}</List.Item>
            ))}
          </List>
        </Alert>
      )}
      <Text size="sm" mt="md">
        <Outside href={documentation}>{type.display_name}'s own documentation</Outside>
      </Text>
    </Card>
  )
}

function Outside({ children, href }: { readonly children: ReactNode; readonly href: string }) {
  return (
    <Anchor href={href} target="_blank" rel="noreferrer" inherit underline="always">
      {children} <IconExternalLink size={13} aria-label="(opens elsewhere)" style={{ verticalAlign: -2 }} />
    </Anchor>
  )
}
