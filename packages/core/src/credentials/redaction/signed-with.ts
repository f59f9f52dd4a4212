import type { Call } from '../../connector/call.ts'
import type { ConnectorError } from '../../errors/connector-error.ts'
import { secretsOf } from '../connection-record.ts'
import type { ConnectionRecord } from '../connection-record.ts'
import { withoutSecrets } from './without-secrets.ts'

/** What the last request of each call was signed with, for as long as the call is known to anybody. */
const records = new WeakMap<Call, ConnectionRecord>()

export const noteSigned = (call: Call, record: ConnectionRecord): void => void records.set(call, record)

/** The same failure without what the call was signed with, should the provider have answered that. */
export function withoutSigned(failure: ConnectorError, call: Call): ConnectorError {
  const record = records.get(call)
  return record === undefined ? failure : withoutSecrets(failure, secretsOf(record))
}
