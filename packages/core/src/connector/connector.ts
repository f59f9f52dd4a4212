import type { Effect } from './request.ts'
import type { MarkedField } from './fields.ts'
import type { Profile } from './profile.ts'
import type { AnySync } from './sync.ts'
import type { AnyTool } from './tool.ts'
import type { Webhook } from './webhook.ts'

/** What the compiler knows of a connector; the types of a host's calls follow from it. */
export interface ConnectorTypes {
  readonly settings: object
  /** What `connect` takes. */
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

/** A connector composed with its options: what `createMcpClient({ connectors })` takes. */
export interface Connector<Types = unknown> {
  readonly profile: Profile
  /** The tools by wire name; absent if the connector has a client of its own that finds them. */
  readonly tools?: Readonly<Record<string, AnyTool>> | undefined
  /** The syncs by name. */
  readonly syncs?: Readonly<Record<string, AnySync>> | undefined
  /** The verifier and reader of the provider's deliveries. */
  readonly webhook?: Webhook | undefined
  /** The secrets that the provider signs deliveries with: one, or several while one replaces another. */
  readonly signingSecrets?: readonly string[] | undefined
  /** The credential that the composition gave to the app itself, for every tenant. */
  readonly appCredential?: Readonly<Record<string, string>> | undefined
  /** What the app registered with the provider: `clientId` and so on. */
  readonly app?: Readonly<Record<string, unknown>> | undefined
  /** The composition's settings. */
  readonly settings: object
  /** Settings that the composition left out, and that each connection has to bring. */
  readonly missingSettings?: readonly string[] | undefined
  /** The settings that a connection may bring, for a form. */
  describeSettings?(): Promise<readonly SettingField[]>
  /** Checks settings that a connection brings, merged over the composition's. */
  parseSettings(settings: object): object
  baseUrl(settings: object): string
  /** Only for the compiler. */
  readonly types?: Types
}

/** Returns whether the app's own credential obtains tokens that have to be refreshed, so that it needs a vault. */
export const refreshesAppCredential = ({ profile, app, appCredential }: Connector): boolean =>
  profile.auth.flow?.renewal === 'obtain' || (app !== undefined && appCredential?.['refreshToken'] !== undefined)

/** One setting of a connector, as a form needs it. */
export interface SettingField {
  readonly name: string
  /** Whether each connection has to bring it, because the composition does not have it. */
  readonly required: boolean
  readonly title?: string | undefined
  readonly description?: string | undefined
  readonly schema: JsonSchema
}

/** A tool as a caller sees it who does not know it yet. */
export interface ToolDescription {
  readonly name: string
  readonly title?: string | undefined
  readonly description: string
  /** JSON Schema, draft 2020-12. */
  readonly inputSchema: JsonSchema
  readonly outputSchema?: JsonSchema | undefined
  /** Input fields that decide where data goes. Absent: not known. */
  readonly inputMarks?: readonly MarkedField[] | undefined
  /** Output fields that are untrusted or private. Absent: not known. */
  readonly outputMarks?: readonly MarkedField[] | undefined
  readonly effect: Effect
  readonly idempotent: boolean
  /** Whether a later call can reverse this one, as far as the connector says. Absent: not known. */
  readonly reversible?: boolean | undefined
  readonly scopes?: readonly string[] | undefined
  readonly examples?: readonly { readonly input: unknown; readonly note?: string }[] | undefined
  readonly deprecated?: string | undefined
}

/** A tool that its server lists and that cannot be used. */
export interface OmittedTool {
  /** Absent if the tool has no name, or if an unknown number of tools is missing. */
  readonly name?: string | undefined
  readonly reason: string
}

export type JsonSchema = Readonly<Record<string, unknown>>

/** What a composition passes to a connector, secrets included. */
const given = ['appCredential', 'app', 'settings', 'signingSecrets'] as const

/**
 * Returns the connector with its composition behind getters, so that printing it or the options around it shows no secret.
 */
export function hideSecrets<Composed extends Pick<Connector, 'profile' | (typeof given)[number]>>(
  connector: Composed,
): Composed {
  const shown = { ...connector }
  for (const name of given) {
    // Enumerable, so that a connector can still be copied.
    Object.defineProperty(shown, name, { enumerable: true, get: () => connector[name] })
  }
  const { id, name } = connector.profile
  return Object.defineProperty(shown, 'toJSON', { value: () => ({ id, name }) })
}
