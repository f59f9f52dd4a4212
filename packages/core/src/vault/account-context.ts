import type { ErrorCode } from '../errors/codes.ts'
import { ConnectorError } from '../errors/connector-error.ts'
import type { ErrorDetails } from '../errors/connector-error.ts'
import type { Connection } from '../identity/connection.ts'
import type { Principal } from '../identity/principal.ts'
import type { ConnectorVault } from './connector-vault.ts'
import type { Consent } from './consent.ts'

/** The dependencies of an operation on one connection. */
export interface AccountContext {
  readonly vault: ConnectorVault
  readonly connection: Connection
  /** The principal that acts. */
  readonly principal: Principal
  /** Asks the user for their consent; undefined if the strategy needs none. */
  readonly consent: (() => Promise<Consent>) | undefined
}

/** Returns the error of an operation that was rejected before anything was sent or stored. */
export const refusal = (
  { serverId }: { readonly serverId: string },
  code: ErrorCode,
  message: string,
  details: ErrorDetails,
): ConnectorError => new ConnectorError(code, message, { serverId, outcome: 'not_processed', ...details })
