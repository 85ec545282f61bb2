// SPDX-License-Identifier: Apache-2.0
// Counts messages per room and minute, as a consumer group: start it several times and the copies share the work.
// Prints a row again whenever its count has changed; Ctrl-C ends it, and the next start goes on where it was.
import { skipping } from './skipping.mjs'
import { decoder, kafka, minute } from './topic.mjs'

const read = skipping(decoder('messages'))
const counts = new Map()
const changed = new Set()

const consumer = kafka.consumer({ groupId: 'rooms-per-minute' })
await consumer.connect()
await consumer.subscribe({ topic: 'messages', fromBeginning: true })
await consumer.run({
  eachMessage: async record => {
    const value = await read(record)
    if (value === undefined) return
    const { address, publishedAt } = value
    if (!address.startsWith('rooms/')) return
    const row = `${minute(Number(publishedAt))}  ${address}`
    counts.set(row, (counts.get(row) ?? 0) + 1)
    changed.add(row)
  }
})

const printing = setInterval(() => {
  for (const row of [...changed].sort()) console.log(`${row}  ${counts.get(row)}`)
  changed.clear()
}, 1000)

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, async () => {
    clearInterval(printing)
    await consumer.disconnect()
  })
}
