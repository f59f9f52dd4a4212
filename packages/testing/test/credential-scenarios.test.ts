import { memoryStore } from '@mcpclient/core'
import { credentialScenarios } from '@mcpclient/testing'

credentialScenarios(() => memoryStore(), { name: 'the memory store' })
