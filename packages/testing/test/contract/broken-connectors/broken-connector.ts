import { defineConnector } from '@mcpclient/core/define'
import type { Failure, Reply } from '@mcpclient/core/define'
import type { ConnectorFixture } from '../../../src/contract/connector-checks/fixture.ts'
import type { ContractFactory } from '../../../src/contract/connector-checks/subject.ts'
import { definition } from '../notes-connector.ts'
import type { NotesClient } from '../notes-connector.ts'

/** A connector with one mistake, the checks that must find it, and what they must say. */
export interface BrokenConnector {
  readonly mistake: string
  readonly factory: ContractFactory
  readonly readme?: string
  /** In place of those that fit. */
  readonly fixtures?: readonly ConnectorFixture[]
  readonly found: readonly string[] | RegExp
  readonly sentence: RegExp
}

type Tools = Partial<Record<keyof typeof definition.tools, unknown>>

/** Returns the good connector with other tools. */
export const withTools = (tools: Tools): ContractFactory =>
  defineConnector({ ...definition, tools: { ...definition.tools, ...tools } as typeof definition.tools })

/** Returns the good connector with another reading of failures. */
export const withErrors = (errors: (reply: Reply) => Failure | undefined): ContractFactory =>
  defineConnector({ ...definition, errors })

/** The calls that a wrapping client receives. */
export type Invocation = Parameters<NotesClient['invoke']>
