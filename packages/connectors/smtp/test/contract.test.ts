import { connectorContract } from '@mcpclient/testing/contract'
import type { Mailer } from '../src/index.ts'
import { passwordDefinition } from '../src/smtp.ts'

const unused = () => Promise.reject(new Error('It sends nothing.'))
const mailer: Mailer = { verify: unused, send: unused, close: unused }

connectorContract(passwordDefinition(mailer, ['smtp.example.com']), import.meta, {
  options: { host: 'smtp.example.com', from: 'ada@marshes.example' },
})
