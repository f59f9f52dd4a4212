import { get } from '@mcpclient/core/define'
import type { ContractFactory } from '../../../src/contract/connector-checks/subject.ts'
import { getNote } from '../notes-connector.ts'
import { withErrors, withTools } from './broken-connector.ts'
import type { BrokenConnector } from './broken-connector.ts'

const REQUEST = ['purity: a request depends only on the input and the settings']

const impure = (request: (input: { id: string }) => unknown): ContractFactory =>
  withTools({ get_note: { ...getNote, request } })

export const purity: readonly BrokenConnector[] = [
  {
    mistake: 'a request with the time in it',
    factory: impure(({ id }) => get(`notes/${id}`, { at: Date.now() })),
    found: REQUEST,
    sentence: /get_note: its request differs each time \(at 0\.query\.at/,
  },
  {
    mistake: 'a request with an id made up',
    factory: impure(({ id }) => get(`notes/${id}`, { nonce: crypto.randomUUID() })),
    found: REQUEST,
    sentence: /differs each time \(at 0\.query\.nonce/,
  },
  {
    mistake: 'a request that asks the network',
    factory: impure(({ id }) => {
      void fetch('https://notes.example')
      return get(`notes/${id}`)
    }),
    found: REQUEST,
    sentence: /get_note: its request touches fetch/,
  },
  {
    mistake: 'a request that changes its input',
    factory: impure((input) => {
      input.id = `${input.id}!`
      return get(`notes/${input.id}`)
    }),
    found: REQUEST,
    sentence: /get_note: its request changes what it was given/,
  },
  {
    mistake: 'a request that is a promise',
    factory: impure(({ id }) => Promise.resolve(get(`notes/${id}`))),
    found: REQUEST,
    sentence: /get_note: its request holds a Promise/,
  },
  {
    mistake: 'a failure that says the time',
    factory: withErrors(({ status }) =>
      status === 423 ? { code: 'MCP_CLIENT_ERROR', message: `Locked at ${Date.now()}.` } : undefined,
    ),
    found: ['purity: reading a response changes nothing and sends nothing'],
    sentence: /errors on create_note\.json.* differs each time/,
  },
]
