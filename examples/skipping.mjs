// SPDX-License-Identifier: Apache-2.0

/** Whether the registry did not answer: 404 is an answer, and so is a value that does not fit its schema. */
const isRegistrys = error =>
  (error.status !== undefined && error.status !== 404) || /^E(?!RR_)/.test(error.code ?? '')

/**
 * A reader of records that passes over those that are none of Pabal's: anybody with access to Kafka can write
 * anything into a topic. Each is named once on stderr and read as `undefined`.
 */
export function skipping (decode, say = console.error) {
  return async ({ topic, partition, message }) => {
    try {
      if (message.key === null) throw new Error('no key')
      if (message.value === null || message.value.length < 5 || message.value[0] !== 0) throw new Error('not in the wire format')
      return await decode(message.value)
    } catch (error) {
      if (isRegistrys(error)) throw error
      say(`record skipped at=${topic}-${partition}@${message.offset} reason=${error.message}`)
      return undefined
    }
  }
}
