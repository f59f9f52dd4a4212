import { get, tool } from '@mcpclient/core/define'
import { expect, it } from 'vitest'
import * as z from 'zod'
import { checksFor, connectorChecks } from '../../../src/contract/connector-checks.ts'

const shape = { description: 'Mend a gate.', effect: 'write', input: z.object({}), output: z.object({}) } as const
const performs = tool({ ...shape, perform: () => Promise.resolve({}) })
const requests = tool({ ...shape, request: () => get('gate') })

it('checks only the manifest of a connector whose tools perform their calls', () => {
  expect(checksFor({ tools: { performs } }).map(({ name }) => name)).toEqual([
    'manifest: every tool is described, and its schemas are JSON Schema',
    'manifest: the README lists the current tools',
  ])
})

it('checks everything of a connector with a tool that sends requests', () => {
  expect(checksFor({ tools: { requests } })).toBe(connectorChecks)
  expect(checksFor({ tools: { performs, requests } })).toBe(connectorChecks)
  expect(checksFor({ tools: {} })).toBe(connectorChecks)
})
