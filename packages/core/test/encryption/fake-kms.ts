import type { KeyContext, KeyProvider, WrappedKey } from '../../src/ports/key-provider.ts'
import { toBase64 } from '../../src/encoding/base64.ts'

export const randomBytes = (count: number): Uint8Array<ArrayBuffer> =>
  globalThis.crypto.getRandomValues(new Uint8Array(count))

export const newKey = (): string => toBase64(randomBytes(32))

/** A key management service that responds asynchronously, fails on demand, and never exports its keys. */
export class FakeKms implements KeyProvider {
  current = 'arn:kms:key/1'
  /** Keys that an administrator has disabled. */
  readonly disabled = new Set<string>()
  readonly calls: { readonly method: 'wrap' | 'unwrap'; readonly context: KeyContext }[] = []
  /** Returns whether the call with this number fails, counted from 1. */
  fails: (call: number) => boolean = () => false
  readonly #blobs = new Map<
    string,
    { readonly keyId: string; readonly dataKey: Uint8Array; readonly context: string }
  >()

  count(method: 'wrap' | 'unwrap'): number {
    return this.calls.filter((call) => call.method === method).length
  }

  async wrap(dataKey: Uint8Array, context: KeyContext): Promise<WrappedKey> {
    await this.#respond('wrap', context, this.current)
    const wrapped = randomBytes(40)
    this.#blobs.set(wrapped.join(), { keyId: this.current, dataKey, context: JSON.stringify(context) })
    return { keyId: this.current, wrapped }
  }

  async unwrap({ keyId, wrapped }: WrappedKey, context: KeyContext): Promise<Uint8Array> {
    await this.#respond('unwrap', context, keyId)
    const blob = this.#blobs.get(wrapped.join())
    if (blob?.keyId !== keyId || blob.context !== JSON.stringify(context)) throw new Error('InvalidCiphertextException')
    return blob.dataKey
  }

  async #respond(method: 'wrap' | 'unwrap', context: KeyContext, keyId: string): Promise<void> {
    this.calls.push({ method, context })
    const failing = this.fails(this.calls.length)
    for (let turn = 0; turn < 5; turn++) await Promise.resolve()
    if (failing) throw new Error('ThrottlingException')
    if (this.disabled.has(keyId)) throw new Error('DisabledException')
  }
}
