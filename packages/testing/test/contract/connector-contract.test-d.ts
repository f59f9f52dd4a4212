import { expectTypeOf, it } from 'vitest'
import * as z from 'zod'
import { bearer, defineConnector, get, tool } from '@mcpclient/core/define'
import { connectorContract } from '../../src/contract/connector-contract.ts'

const regional = defineConnector({
  id: 'regional',
  name: 'Regional',
  settings: z.object({ region: z.enum(['eu', 'us']) }),
  baseUrl: ({ settings }) => `https://${settings.region}.example/`,
  auth: bearer(),
  tools: {
    ping: tool({
      description: 'Say whether the service is there.',
      effect: 'read',
      input: z.object({}),
      output: z.object({}),
      request: () => get('ping'),
    }),
  },
})

it('derives the options of a contract from those of its factory', () => {
  expectTypeOf(connectorContract(regional, import.meta)).toBeVoid()
  connectorContract(regional, import.meta, { options: { region: 'eu' }, credential: (tenant) => ({ token: tenant }) })
  connectorContract(regional, import.meta, { credential: { token: 't' }, skip: {}, fixtures: [] })
})

it('rejects wrong options', () => {
  // @ts-expect-error no such region
  connectorContract(regional, import.meta, { options: { region: 'mars' } })
  // @ts-expect-error no such setting
  connectorContract(regional, import.meta, { options: { planet: 'mars' } })
  // @ts-expect-error a credential is text
  connectorContract(regional, import.meta, { credential: { token: 1 } })
  // @ts-expect-error a connector is not a factory
  connectorContract(regional({ region: 'eu' }), import.meta)
  // @ts-expect-error a fixture names its fields
  connectorContract(regional, import.meta, { fixtures: [{ reponse: {} }] })
})
