import type { Grant } from '../../src/auth/grant.ts'
import type { ConnectionRecord } from '../../src/vault/connection-record.ts'
import { ConnectorError } from '../../src/errors/connector-error.ts'
import { faultMutants } from './fault-mutants.ts'
import type { DetectedMutant, Mutant } from './mutant.ts'

export const mutants: readonly DetectedMutant[] = [
  {
    name: 'the last writer wins: a write is repeated after a conflict',
    model: 'strict',
    by: ['only_descendants_replace', 'user_actions_win', 'leases_are_respected'],
    context: (context) => ({
      ...context,
      async write(record, ifVersion) {
        let row = await context.write(record, ifVersion)
        while (row === undefined) row = await context.write(record, (await context.read())?.version ?? null)
        return row
      },
    }),
  },
  {
    name: 'no lease is stored',
    model: 'strict',
    by: ['one_use_per_token', 'losses_are_reported'],
    context: (context) => ({
      ...context,
      write: (record, ifVersion) =>
        record.lease === undefined ? context.write(record, ifVersion) : Promise.resolve({ record, version: ifVersion }),
    }),
  },
  {
    name: 'a lost race for the lease is treated as won',
    model: 'strict',
    // The process that lost the race uses the token as well, or reports a loss without knowing.
    by: ['one_use_per_token', 'losses_are_reported'],
    context: (context) => ({
      ...context,
      async write(record, ifVersion) {
        const row = await context.write(record, ifVersion)
        return row === undefined && record.lease !== undefined ? { record, version: ifVersion } : row
      },
    }),
  },
  {
    name: 'a request may outlast its lease',
    model: 'strict',
    by: ['one_use_per_token'],
    context: (context) => ({
      ...context,
      exchange: (record) => context.exchange(record, new AbortController().signal),
    }),
  },
  {
    name: 'a late response overwrites any row',
    model: 'keep',
    by: ['user_actions_win', 'only_descendants_replace'],
    context(context) {
      let used: ConnectionRecord | undefined
      return {
        ...context,
        async exchange(record, signal) {
          const grant = await context.exchange(record, signal)
          used = record
          return grant
        },
        async read() {
          const row = await context.read()
          const before = used
          used = undefined
          return row === undefined || before === undefined ? row : { record: before, version: row.version }
        },
      }
    },
  },
  {
    name: 'a refusal is believed without another read of the row',
    model: 'keep',
    by: ['user_actions_win', 'only_descendants_replace', 'states_follow_the_table'],
    context(context) {
      let believed: ConnectionRecord | undefined
      return {
        ...context,
        exchange: (record, signal) =>
          context.exchange(record, signal).catch((error: unknown) => {
            if (ConnectorError.is(error) && error.code === 'MCP_AUTHENTICATION_FAILURE') believed = record
            throw error
          }),
        async read() {
          const row = await context.read()
          if (row === undefined || believed === undefined) return row
          const record = believed
          believed = undefined
          return { record, version: row.version }
        },
      }
    },
  },
  {
    name: 'no process records which token it is about to use',
    model: 'strict',
    by: ['losses_are_reported', 'events_are_emitted'],
    context: (context) => ({
      ...context,
      write: ({ unresolved: _unresolved, lease, ...record }, ifVersion) =>
        context.write({ ...record, ...(lease && { lease: { ...lease, generation: -1 } }) }, ifVersion),
    }),
  },
  {
    name: 'the row forgets that other workers may have used the same token',
    model: 'strict',
    by: ['losses_are_reported'],
    context(context) {
      let refused = false
      return {
        ...context,
        async exchange(record, signal) {
          refused = true
          const grant = await context.exchange(record, signal)
          refused = false
          return grant
        },
        async read() {
          const row = await context.read()
          if (!refused || row?.record.unresolved?.how !== 'shown_twice') return row
          const { unresolved: _forgotten, ...record } = row.record
          return { ...row, record }
        },
      }
    },
  },
  {
    name: 'a lease expires at once',
    model: 'strict',
    by: ['leases_are_respected'],
    timing: { clockSkewMs: -1e12 },
  },
  {
    name: 'an outage is treated as a refusal',
    model: 'rotate',
    by: ['no_valid_grant_dropped'],
    context: (context) => ({
      ...context,
      exchange: (record, signal) =>
        context.exchange(record, signal).catch((error: unknown) => {
          if (!ConnectorError.is(error) || error.code !== 'MCP_SERVER_ERROR') throw error
          throw new ConnectorError('MCP_AUTHENTICATION_FAILURE', 'The grant was refused.')
        }),
    }),
  },
  {
    name: 'an id_token that cannot be verified yet is treated as a refusal before the grant is stored',
    model: 'strict',
    by: ['no_valid_grant_dropped', 'no_grant_lost', 'losses_are_reported'],
    context: (context, worker) => ({
      ...context,
      async exchange(record, signal) {
        const grant = await context.exchange(record, signal)
        if (worker.isVerifiable) return grant
        throw new ConnectorError('MCP_AUTHENTICATION_FAILURE', 'The id_token was refused.')
      },
    }),
  },
  {
    name: 'an id_token that cannot be verified yet ends a connection whose grant is stored',
    model: 'keep',
    by: ['no_valid_grant_dropped', 'no_grant_lost', 'losses_are_reported', 'states_follow_the_table'],
    context: (context) => ({
      ...context,
      verify: () => (stop) =>
        (context.verify?.()?.(stop) ?? Promise.resolve()).catch(() => {
          throw new ConnectorError('MCP_AUTHENTICATION_FAILURE', 'The id_token was refused.')
        }),
    }),
  },
  {
    name: 'a grant that could not be written is dropped',
    model: 'strict',
    by: ['no_grant_lost', 'one_use_per_token'],
    losesUncommitted: true,
  },
  {
    name: 'a reply without a refresh token leaves none',
    model: 'keep',
    by: ['only_descendants_replace'],
    context(context) {
      let fresh: Grant | undefined
      return {
        ...context,
        async exchange(record, signal) {
          fresh = await context.exchange(record, signal)
          return fresh
        },
        write: (record, ifVersion) =>
          context.write(
            record.grant?.accessToken === fresh?.accessToken ? { ...record, grant: fresh } : record,
            ifVersion,
          ),
      }
    },
  },
  {
    name: 'a failed renewal is repeated at once',
    model: 'rotate',
    by: ['no_storm'],
    context: (context) => ({
      ...context,
      async read() {
        const row = await context.read()
        const { trouble } = row?.record ?? {}
        return row && trouble ? { ...row, record: { ...row.record, trouble: { ...trouble, retryAt: 0 } } } : row
      },
    }),
  },
  {
    name: 'a token that may have been used is used again at once',
    model: 'strict',
    by: ['no_needless_risk'],
    // The flow treats the provider as rotating.
    context: (context) => ({ ...context, flow: { ...context.flow, refresh: { rotation: 'rotate' } } }),
  },
  {
    name: 'a reuse window is not used',
    model: 'window',
    by: ['due_grants_are_refreshed'],
    context: (context) => ({ ...context, flow: { ...context.flow, refresh: { rotation: 'single_use' } } }),
  },
  ...faultMutants,
  {
    name: 'a connection recovers without an event',
    model: 'keep',
    by: ['events_are_emitted'],
    context: (context) => ({
      ...context,
      emit(event, row) {
        if (event !== 'recovered') context.emit(event, row)
      },
    }),
  },
]

export const noMutant: Mutant = {}
