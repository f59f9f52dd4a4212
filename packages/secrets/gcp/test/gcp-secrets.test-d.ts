import { SecretManagerServiceClient } from '@google-cloud/secret-manager'
import type { SecretSource } from '@mcpclient/core/secrets'
import { expectTypeOf, it } from 'vitest'
import { gcpSecrets } from '../src/index.ts'

it('accepts the client of Google', () => {
  expectTypeOf(gcpSecrets(new SecretManagerServiceClient())).toExtend<SecretSource>()
  // @ts-expect-error a project is no client
  gcpSecrets('my-project')
})
