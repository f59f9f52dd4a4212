import type { RefreshedGrant } from '../../auth/grant-flow.ts'
import { ConnectorError } from '../../errors/connector-error.ts'
import { stateAfter } from '../connection-state.ts'
import { isSameLineage } from './lineage.ts'
import { mustBeInService, unusable, writeSurely } from './renewal-world.ts'
import type { RenewalWorld, Row } from './renewal-world.ts'

/** Timeout for verifying a stored grant. */
const VERIFY_MS = 10_000

/** Verifies what has been stored. Only a grant of another account ends the connection. */
export async function verifyStored(world: RenewalWorld, row: Row): Promise<Row> {
  const verify = world.verify?.()
  const refusal = verify && (await refusalOf(world, verify))
  if (refusal === undefined) return row
  const trouble = { reason: refusal.details.reason ?? 'account_changed', hint: refusal.advice }
  for (let now: Row | undefined = row; ; now = await world.read()) {
    mustBeInService(now)
    if (!isSameLineage(now.record.grant, row.record.grant)) return now
    const { lease: _lease, ...record } = now.record
    const state = stateAfter(record.state ?? 'active', 'refuse')
    const refused = { ...record, state, trouble: { ...trouble, since: world.clock.now() } }
    const written = await writeSurely(world, refused, now.version)
    if (written === undefined) continue
    world.emit('needs_reauth', written)
    throw unusable(written.record)
  }
}

/** Why the grant must not be used. A verification that fails in any other way, or takes too long, says nothing. */
export async function refusalOf(
  { clock }: Pick<RenewalWorld, 'clock'>,
  verify: RefreshedGrant['verify'],
): Promise<ConnectorError | undefined> {
  const timer = new AbortController()
  const timeout = Promise.withResolvers<undefined>()
  const cancel = clock.schedule(VERIFY_MS, () => {
    timer.abort(new ConnectorError('TIMEOUT', 'The authorization server did not respond in time.'))
    timeout.resolve(undefined)
  })
  const verified = verify(timer.signal).then(
    () => undefined,
    (error: unknown) => (ConnectorError.is(error) && error.code === 'MCP_AUTHENTICATION_FAILURE' ? error : undefined),
  )
  return Promise.race([verified, timeout.promise]).finally(cancel)
}
