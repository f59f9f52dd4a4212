import { memoryStore } from '@mcpclient/core'
import { credentialScenarios } from '@mcpclient/testing/contract'

credentialScenarios(() => memoryStore(), { name: 'the memory store' })
