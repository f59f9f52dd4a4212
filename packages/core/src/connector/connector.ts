import type { Effect } from './request.ts'
import type { MarkedField } from './fields.ts'
import type { Profile } from './profile.ts'
import type { AnySync } from './sync.ts'
import type { AnyTool } from './tool.ts'
import type { Webhook } from './webhook.ts'

/** The types of a connector, from which the compiler derives the types of a host's calls. */
export interface ConnectorTypes {
  readonly settings: object
  /** The credential that `connect` accepts. */
  readonly credential: object
  readonly tools: Readonly<Record<string, ToolTypes>>
  readonly syncs: object
  readonly events: object
}

export interface ToolTypes {
  readonly input: unknown
  readonly output: unknown
  /** One page, or one item of a stream. */
  readonly part: unknown
  readonly effect: Effect
  readonly shape: 'one' | 'pages' | 'stream'
}

/** A connector with its options, as `createMcpClient({ connectors })` accepts it. */
export interface Connector<Types = unknown> {
  readonly profile: Profile
  /** The tools by wire name. Absent if the connector's own client class discovers them. */
  readonly tools?: Readonly<Record<string, AnyTool>> | undefined
  /** The syncs by name. */
  readonly syncs?: Readonly<Record<string, AnySync>> | undefined
  /** The verifier and reader of the provider's deliveries. */
  readonly webhook?: Webhook | undefined
  /** The secrets that the provider signs deliveries with: one, or several while one replaces another. */
  readonly signingSecrets?: readonly string[] | undefined
  /** The credential of the app itself, passed at composition and used for every tenant. */
  readonly appCredential?: Readonly<Record<string, string>> | undefined
  /** The app's registration with the provider: `clientId` and so on. */
  readonly app?: Readonly<Record<string, unknown>> | undefined
  /** The settings passed at composition. */
  readonly settings: object
  /** Required settings that were not passed at composition, so that each connection has to provide them. */
  readonly missingSettings?: readonly string[] | undefined
  /** Returns the settings that a connection can have, for a form. */
  describeSettings?(): Promise<readonly SettingField[]>
  /**
   * Validates a connection's settings, merged over those of the composition.
   * @throws ConnectorError CONFIGURATION_ERROR if they are invalid
   */
  parseSettings(settings: object): object
  /** Returns the base URL for these settings. */
  baseUrl(settings: object): string
  /** Never set: it exists for the compiler. */
  readonly types?: Types
}

/** Returns whether the app's own credential needs a vault, because it obtains tokens that have to be refreshed. */
export const refreshesAppCredential = ({ profile, app, appCredential }: Connector): boolean =>
  profile.auth.flow?.renewal === 'obtain' || (app !== undefined && appCredential?.['refreshToken'] !== undefined)

/** The description of one setting of a connector, for a form. */
export interface SettingField {
  readonly name: string
  /** True if each connection has to provide it, because the composition does not. */
  readonly required: boolean
  readonly title?: string | undefined
  readonly description?: string | undefined
  readonly schema: JsonSchema
}

/** The description of a tool, for a caller that discovers tools at run time, such as an AI agent. */
export interface ToolDescription {
  readonly name: string
  readonly title?: string | undefined
  readonly description: string
  /** JSON Schema, draft 2020-12. */
  readonly inputSchema: JsonSchema
  readonly outputSchema?: JsonSchema | undefined
  /** Input fields that decide where data is sent. Absent if unknown. */
  readonly inputMarks?: readonly MarkedField[] | undefined
  /** Output fields that are untrusted or private. Absent if unknown. */
  readonly outputMarks?: readonly MarkedField[] | undefined
  readonly effect: Effect
  readonly idempotent: boolean
  /** Whether a later call can reverse this one. Absent if the connector does not declare it. */
  readonly reversible?: boolean | undefined
  readonly scopes?: readonly string[] | undefined
  readonly examples?: readonly { readonly input: unknown; readonly note?: string }[] | undefined
  readonly deprecated?: string | undefined
}

/** A tool that its server lists but that cannot be used. */
export interface OmittedTool {
  /** Absent if the tool has no name, or if an unknown number of tools is missing. */
  readonly name?: string | undefined
  readonly reason: string
}

export type JsonSchema = Readonly<Record<string, unknown>>

/** The properties of a connector that may contain secrets. */
const secretProperties = ['appCredential', 'app', 'settings', 'signingSecrets'] as const

/**
 * Returns the connector with its secrets behind getters, so that printing it or the options around it shows none.
 */
export function hideSecrets<Composed extends Pick<Connector, 'profile' | (typeof secretProperties)[number]>>(
  connector: Composed,
): Composed {
  const shown = { ...connector }
  for (const name of secretProperties) {
    // Enumerable, so that a connector can still be copied with a spread.
    Object.defineProperty(shown, name, { enumerable: true, get: () => connector[name] })
  }
  const { id, name } = connector.profile
  return Object.defineProperty(shown, 'toJSON', { value: () => ({ id, name }) })
}
