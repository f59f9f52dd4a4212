import { createServer } from 'node:http'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface SecretsManagerServer {
  readonly endpoint: string
  /** Bodies of the requests, in order. */
  readonly asked: readonly { readonly SecretId: string }[]
  readonly close: () => Promise<void>
}

export const ACCESS_KEY = 'AKIACANARYACCESSKEY0'

const secrets: Readonly<Record<string, object>> = {
  plain: { SecretString: 'secret-plain' },
  'team/app_1+x=y.z@h': { SecretString: 'secret-odd-name' },
  pairs: { SecretString: JSON.stringify({ password: 'secret-password', user: 'ada', port: 5432 }) },
  broken: { SecretString: '{"password": "secret-cut' },
  list: { SecretString: '["secret-listed"]' },
  binary: { SecretBinary: Buffer.from('secret-bytes').toString('base64') },
  'arn:aws:secretsmanager:eu-west-1:123456789012:secret:plain-AbCdEf': { SecretString: 'secret-by-arn' },
}

const failures: Readonly<Record<string, readonly [status: number, type: string, message: string]>> = {
  denied: [400, 'AccessDeniedException', 'User is not authorized to perform: secretsmanager:GetSecretValue'],
  undecipherable: [400, 'DecryptionFailure', 'Secrets Manager cannot decrypt the protected secret text'],
  deleted: [
    400,
    'InvalidRequestException',
    'You can’t perform this operation on the secret because it was marked for deletion.',
  ],
  expired: [400, 'ExpiredTokenException', 'The security token included in the request is expired'],
  throttled: [400, 'ThrottlingException', 'Rate exceeded'],
  failing: [500, 'InternalServiceError', 'An error occurred on the server side.'],
  odd: [400, 'SomethingNewException', 'Nobody knows'],
}

/** Speaks GetSecretValue of AWS Secrets Manager, in its JSON 1.1 protocol, on this machine. It checks no signature. */
export async function startSecretsManager(): Promise<SecretsManagerServer> {
  const asked: { readonly SecretId: string }[] = []
  const answer = async (request: IncomingMessage): Promise<readonly [status: number, body: object]> => {
    const body = JSON.parse(await textOf(request)) as { readonly SecretId: string }
    asked.push(body)
    if (request.headers['x-amz-target'] !== 'secretsmanager.GetSecretValue')
      return fault(400, 'UnknownOperationException', '')
    if (request.headers['content-type'] !== 'application/x-amz-json-1.1')
      return fault(400, 'SerializationException', '')
    if (!request.headers.authorization?.startsWith(`AWS4-HMAC-SHA256 Credential=${ACCESS_KEY}/`)) {
      return fault(400, 'UnrecognizedClientException', 'The security token included in the request is invalid.')
    }
    const { SecretId } = body
    if (failures[SecretId]) return fault(...failures[SecretId])
    if (!secrets[SecretId])
      return fault(400, 'ResourceNotFoundException', 'Secrets Manager can’t find the specified secret.')
    const about = { Name: SecretId, VersionId: 'c4b7cf0d-9a6a-4b9c-8d0b-d7c4a9d3a1f2', VersionStages: ['AWSCURRENT'] }
    return [200, { ...about, CreatedDate: 1_780_000_000.5, ...secrets[SecretId] }]
  }
  const server = createServer((request, response) => {
    void answer(request).then(([status, body]) => {
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

const fault = (status: number, type: string, message: string): readonly [number, object] => [
  status,
  { __type: type, Message: message },
]

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}
