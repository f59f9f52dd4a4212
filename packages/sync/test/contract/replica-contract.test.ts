import { describe, expect, it } from 'vitest'
import { feedChecks } from '../../src/contract/feed-checks.ts'
import type { ReplicaHost } from '../../src/contract/replica-check.ts'
import { replicaContract } from '../../src/contract/replica-contract.ts'
import { writeChecks } from '../../src/contract/write-checks.ts'
import { simulatedReplica } from '../simulated-replica.ts'
import type { SimulatedReplica } from '../simulated-replica.ts'
import { brokenReplicas } from './broken-replicas.ts'

const hostOf = (replica: SimulatedReplica): Required<ReplicaHost> => ({
  async create(item) {
    const id = globalThis.crypto.randomUUID()
    replica.edit(id, item)
    return id
  },
  async edit(id, item) {
    replica.edit(id, item)
  },
  async remove(id) {
    replica.drop(id)
  },
  async begin(id, item) {
    return {
      async commit() {
        replica.edit(id, item)
      },
    }
  },
})

replicaContract(simulatedReplica, { name: 'a table in memory', host: hostOf })

const checks = [...feedChecks, ...writeChecks]

describe('a replica is caught that', () => {
  it.each(brokenReplicas)('$fault', async ({ caughtBy, over }) => {
    const check = checks.find(({ name }) => name === caughtBy)
    const good = simulatedReplica()
    const { host, ...faults } = over(good)
    const subject = {
      replica: { ...good, ...faults },
      other: { ...good, ...over(good) },
      host: { ...hostOf(good), ...host },
      itemOf: (number: number) => ({ title: `title ${number}`, place: null }),
    }
    await expect(check?.run(subject)).rejects.toThrow(Error)
  })

  it('needs each check of the contract to catch one of them', () => {
    const needed = new Set(brokenReplicas.map(({ caughtBy }) => caughtBy))
    expect(checks.map(({ name }) => name).filter((name) => !needed.has(name))).toEqual([])
  })
})
