import type { KyInstance, Options } from 'ky'
import type { Transport } from '../ports/transport.ts'
import { initOf, responseOf, transportError } from './fetch-transport.ts'

/**
 * ky over the platform's `fetch`: the default. Its retries, time limit and redirects are off, since the pipeline's own
 * know the effect of a call. Pass hooks or a `fetch` of your own as ky's options.
 *
 * ky is loaded with the first request: importing it costs more than importing everything else here.
 * @param options ky's options; those that the pipeline decides about are ignored
 */
export function kyTransport(options: Options = {}): Transport {
  let loading: Promise<KyInstance> | undefined
  const load = () =>
    (loading ??= import('ky').then(({ default: ky }) =>
      ky.create({ ...options, retry: 0, timeout: false, throwHttpErrors: false, redirect: 'manual' }),
    ))
  return {
    async send(request) {
      const ky = await load()
      try {
        return responseOf(await ky(request.url, initOf(request)))
      } catch (error) {
        throw transportError(error)
      }
    },
    async prewarm() {
      await load()
    },
  }
}
