import { SecretManagerServiceClient } from '@google-cloud/secret-manager'
import type { SecretSource } from '@mcpclient/core/secrets'
import { expectTypeOf, test } from 'vitest'
import { gcpSecrets } from '../src/index.ts'

test('the client of Google is what it takes', () => {
  expectTypeOf(gcpSecrets(new SecretManagerServiceClient())).toExtend<SecretSource>()
  // @ts-expect-error a project is no client
  gcpSecrets('my-project')
})
