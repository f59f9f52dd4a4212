import { memoryStore } from '@mcpclient/core'
import { connectorContract } from '@mcpclient/testing/contract'
import { definitionOf } from '../src/todo.ts'

connectorContract(definitionOf({ store: memoryStore() }), import.meta)
