/** The two SDKs behind one face, so that one scenario shows whether they get the same from the server. */
import {
  Base44Error,
  createClient as createPublished,
  createClientFromRequest as createPublishedFromRequest,
} from "@base44/sdk"
import { createClient, createClientFromRequest, GrantryError } from "@grantry/sdk"

interface PeerConnection {
  readonly accessToken: string
  readonly connectionConfig: Record<string, string> | null
}

export interface PeerConnectors {
  getConnection(type: string): Promise<PeerConnection>
  getAccessToken(type: string): Promise<string>
  getWorkspaceConnection(connectorId: string): Promise<PeerConnection>
}

interface PeerClient {
  readonly asServiceRole: { readonly connectors: PeerConnectors }
}

interface PeerConfig {
  readonly serverUrl: string
  readonly appId: string
  readonly serviceToken?: string
}

export interface SdkPeer {
  readonly name: string
  create(config: PeerConfig): PeerClient
  fromRequest(request: Request): PeerClient
  /** What every refused call has to throw. */
  readonly errorClass: abstract new (...args: never[]) => Error
}

export const sdkPeers: readonly SdkPeer[] = [
  {
    name: "@base44/sdk 0.8.50",
    create: (config) => createPublished({ ...config, analytics: { enabled: false } }),
    fromRequest: (request) => createPublishedFromRequest(request),
    errorClass: Base44Error,
  },
  {
    name: "@grantry/sdk",
    create: (config) => createClient(config),
    fromRequest: (request) => createClientFromRequest(request),
    errorClass: GrantryError,
  },
]

/** What both SDKs say of a refusal. */
export interface Refusal {
  readonly status: unknown
  readonly code: unknown
  readonly message: string
  readonly data: unknown
}

export async function refusalOf(peer: SdkPeer, call: Promise<unknown>): Promise<Refusal> {
  try {
    await call
  } catch (error) {
    if (!(error instanceof peer.errorClass)) throw error
    const read = (key: string): unknown => Reflect.get(error, key)
    return { status: read("status"), code: read("code"), message: error.message, data: read("data") }
  }
  throw new Error("the call succeeded")
}
