import type { AuthorizationStatusAnswer } from "@grantry/sdk/wire"
import { Anchor, Stack, Text } from "@mantine/core"
import { CopyText } from "../show/copy-text.tsx"

interface ConsentFailureProps {
  readonly failure: AuthorizationStatusAnswer
  readonly service: string
}

/** Why nothing was connected, in the provider's words, and what to do about it. */
export function ConsentFailure({ failure, service }: ConsentFailureProps) {
  const { error: code, error_message: message, redirect_uri: redirectUri } = failure
  return (
    <Stack gap="xs" flex={1} miw={0}>
      <Text size="sm" fw={600}>
        {message ?? "The consent was declined or did not complete."}
      </Text>
      <Text size="sm">{adviceOn(failure, service)} What was connected before still works.</Text>
      {redirectUri !== undefined && !isDecline(failure) && (
        <>
          <Text size="sm">The redirect URI that was sent:</Text>
          <CopyText text={redirectUri} label="redirect URI" />
        </>
      )}
      {code !== undefined && (
        <Anchor size="xs" href={`/errors/${code}`} target="_blank" underline="always">
          {code}: what it means
        </Anchor>
      )}
    </Stack>
  )
}

/** RFC 6749 sections 4.1.2.1 and 5.2: what providers say, and what then helps. */
const advice: readonly { readonly said: RegExp; readonly does: (service: string) => string }[] = [
  {
    said: /access_denied|consent_required|user_denied/i,
    does: () => "Somebody declined. Try again and allow it, or choose fewer permissions.",
  },
  {
    said: /invalid_scope/i,
    does: (service) =>
      `${service} does not know one of the permissions, or your OAuth app there may not ask for it. Untick it, or allow it in ${service}'s console.`,
  },
  {
    said: /redirect_uri/i,
    does: (service) => `Register the redirect URI below at ${service}, exactly as it stands.`,
  },
  {
    said: /unauthorized_client|invalid_client|client id and secret/i,
    does: (service) =>
      `${service} does not accept this OAuth client: look at its client ID and secret under Connectors.`,
  },
  {
    said: /server_error|temporarily_unavailable|in a moment/i,
    does: (service) => `That is trouble at ${service}. Try again in a moment.`,
  },
]

function adviceOn(
  { error, error_message: message = "" }: AuthorizationStatusAnswer,
  service: string,
): string {
  switch (error) {
    case "ATTEMPT_OVER":
      return "A consent has to be finished within ten minutes. Try again."
    case "ACCOUNT_CHANGED":
      return "The person kept the account that was connected before. Try again to replace it."
    case "DIFFERENT_USER":
      return "Try again to take the connection over from your colleague."
    case "AUTHORIZATION_REFUSED":
      return "Finish the consent in the window that this page opens, and in no other browser."
    default:
      return (
        advice.find(({ said }) => said.test(message))?.does(service) ??
        `Look at what ${service} says, and try again.`
      )
  }
}

function isDecline({ error_message: message = "" }: AuthorizationStatusAnswer): boolean {
  return /access_denied|consent_required|user_denied/i.test(message)
}
