/** The operations of `SubtleCrypto`, each of which returns a promise. */
const OPERATIONS = [
  'decrypt',
  'deriveBits',
  'deriveKey',
  'digest',
  'encrypt',
  'exportKey',
  'generateKey',
  'importKey',
  'sign',
  'unwrapKey',
  'verify',
  'wrapKey',
]

let inFlight = 0
let isCounting = false

/** Returns the number of WebCrypto operations that started after `countCrypto` and have not settled. */
export const cryptoInFlight = (): number => inFlight

/** Counts the operations of WebCrypto from now on. Their threads need real time, which no fake clock passes. */
export function countCrypto(): void {
  if (isCounting) return
  isCounting = true
  const methods = Object.getPrototypeOf(crypto.subtle) as object
  for (const name of OPERATIONS) {
    const operation = Reflect.get(methods, name) as (...args: readonly unknown[]) => Promise<unknown>
    const counted = function (this: unknown, ...args: readonly unknown[]): Promise<unknown> {
      const result = Reflect.apply(operation, this, args)
      inFlight++
      // Registered before the caller's own reaction, so that whatever the caller starts next is counted in time.
      result.then(settle, settle)
      return result
    }
    Object.defineProperty(methods, name, { value: counted, configurable: true, enumerable: true, writable: true })
  }
}

const settle = (): void => {
  inFlight--
}
