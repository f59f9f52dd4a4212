import type { Grant } from '../../src/auth/grant.ts'
import type { ConnectionRecord } from '../../src/vault/connection-record.ts'
import { ConnectorError } from '../../src/errors/connector-error.ts'
import { faultMutants } from './fault-mutants.ts'
import type { Caught, Mutant } from './mutant.ts'

export const mutants: readonly Caught[] = [
  {
    name: 'the last writer wins: a conflict is answered by writing once more',
    model: 'strict',
    by: ['only_descendants_replace', 'people_win', 'leases_are_respected'],
    world: (world) => ({
      ...world,
      async write(record, ifVersion) {
        let row = await world.write(record, ifVersion)
        while (row === undefined) row = await world.write(record, (await world.read())?.version ?? null)
        return row
      },
    }),
  },
  {
    name: 'no lease is stored',
    model: 'strict',
    by: ['one_spender', 'losses_are_told'],
    world: (world) => ({
      ...world,
      write: (record, ifVersion) =>
        record.lease === undefined ? world.write(record, ifVersion) : Promise.resolve({ record, version: ifVersion }),
    }),
  },
  {
    name: 'a lost race for the lease is taken for won',
    model: 'strict',
    // The process that lost the race spends as well, or reports a loss of which it knows nothing.
    by: ['one_spender', 'losses_are_told'],
    world: (world) => ({
      ...world,
      async write(record, ifVersion) {
        const row = await world.write(record, ifVersion)
        return row === undefined && record.lease !== undefined ? { record, version: ifVersion } : row
      },
    }),
  },
  {
    name: 'a request may outlast its lease',
    model: 'strict',
    by: ['one_spender'],
    world: (world) => ({ ...world, exchange: (record) => world.exchange(record, new AbortController().signal) }),
  },
  {
    name: 'a late answer overwrites whatever is there',
    model: 'keep',
    by: ['people_win', 'only_descendants_replace'],
    world(world) {
      let spent: ConnectionRecord | undefined
      return {
        ...world,
        async exchange(record, signal) {
          const grant = await world.exchange(record, signal)
          spent = record
          return grant
        },
        async read() {
          const row = await world.read()
          const before = spent
          spent = undefined
          return row === undefined || before === undefined ? row : { record: before, version: row.version }
        },
      }
    },
  },
  {
    name: 'a refusal is believed without another look at the row',
    model: 'keep',
    by: ['people_win', 'only_descendants_replace', 'states_follow_the_table'],
    world(world) {
      let believed: ConnectionRecord | undefined
      return {
        ...world,
        exchange: (record, signal) =>
          world.exchange(record, signal).catch((error: unknown) => {
            if (ConnectorError.is(error) && error.code === 'MCP_AUTHENTICATION_FAILURE') believed = record
            throw error
          }),
        async read() {
          const row = await world.read()
          if (row === undefined || believed === undefined) return row
          const record = believed
          believed = undefined
          return { record, version: row.version }
        },
      }
    },
  },
  {
    name: 'nobody notes which token is about to be spent',
    model: 'strict',
    by: ['losses_are_told', 'news_are_told'],
    world: (world) => ({
      ...world,
      write: ({ unresolved: _unresolved, lease, ...record }, ifVersion) =>
        world.write({ ...record, ...(lease && { lease: { ...lease, generation: -1 } }) }, ifVersion),
    }),
  },
  {
    name: 'it is forgotten that others may have shown the same token',
    model: 'strict',
    by: ['losses_are_told'],
    world(world) {
      let refused = false
      return {
        ...world,
        async exchange(record, signal) {
          refused = true
          const grant = await world.exchange(record, signal)
          refused = false
          return grant
        },
        async read() {
          const row = await world.read()
          if (!refused || row?.record.unresolved?.how !== 'shown_twice') return row
          const { unresolved: _forgotten, ...record } = row.record
          return { ...row, record }
        },
      }
    },
  },
  {
    name: 'a lease lapses at once',
    model: 'strict',
    by: ['leases_are_respected'],
    timing: { clockSkewMs: -1e12 },
  },
  {
    name: 'an outage is taken for a refusal',
    model: 'rotate',
    by: ['no_good_grant_given_up'],
    world: (world) => ({
      ...world,
      exchange: (record, signal) =>
        world.exchange(record, signal).catch((error: unknown) => {
          if (!ConnectorError.is(error) || error.code !== 'MCP_SERVER_ERROR') throw error
          throw new ConnectorError('MCP_AUTHENTICATION_FAILURE', 'The grant was refused.')
        }),
    }),
  },
  {
    name: 'an id_token that cannot be verified yet is taken for a refusal, before the grant is stored',
    model: 'strict',
    by: ['no_good_grant_given_up', 'no_grant_lost', 'losses_are_told'],
    world: (world, worker) => ({
      ...world,
      async exchange(record, signal) {
        const grant = await world.exchange(record, signal)
        if (worker.isVerifiable) return grant
        throw new ConnectorError('MCP_AUTHENTICATION_FAILURE', 'The id_token was refused.')
      },
    }),
  },
  {
    name: 'an id_token that cannot be verified yet ends a connection whose grant is stored',
    model: 'keep',
    by: ['no_good_grant_given_up', 'no_grant_lost', 'losses_are_told', 'states_follow_the_table'],
    world: (world) => ({
      ...world,
      verify: () => (stop) =>
        (world.verify?.()?.(stop) ?? Promise.resolve()).catch(() => {
          throw new ConnectorError('MCP_AUTHENTICATION_FAILURE', 'The id_token was refused.')
        }),
    }),
  },
  {
    name: 'a grant that could not be written is dropped',
    model: 'strict',
    by: ['no_grant_lost', 'one_spender'],
    losesUnsaved: true,
  },
  {
    name: 'a reply without a refresh token leaves none',
    model: 'keep',
    by: ['only_descendants_replace'],
    world(world) {
      let fresh: Grant | undefined
      return {
        ...world,
        async exchange(record, signal) {
          fresh = await world.exchange(record, signal)
          return fresh
        },
        write: (record, ifVersion) =>
          world.write(
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
    world: (world) => ({
      ...world,
      async read() {
        const row = await world.read()
        const { trouble } = row?.record ?? {}
        return row && trouble ? { ...row, record: { ...row.record, trouble: { ...trouble, retryAt: 0 } } } : row
      },
    }),
  },
  {
    name: 'a token that may have been spent is shown again at once',
    model: 'strict',
    by: ['no_needless_risk'],
    // What is read says so; what is asked is not reminded of it.
    world: (world) => ({ ...world, flow: { ...world.flow, refresh: { rotation: 'rotate' } } }),
  },
  {
    name: 'a reuse window goes by unused',
    model: 'window',
    by: ['no_idle_look'],
    world: (world) => ({ ...world, flow: { ...world.flow, refresh: { rotation: 'single_use' } } }),
  },
  ...faultMutants,
  {
    name: 'a connection recovers in silence',
    model: 'keep',
    by: ['news_are_told'],
    world: (world) => ({
      ...world,
      emit(event, row) {
        if (event !== 'recovered') world.emit(event, row)
      },
    }),
  },
]

export const unharmed: Mutant = {}
