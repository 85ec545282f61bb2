// SPDX-License-Identifier: Apache-2.0
// What the examples share: where Kafka and the registry are, and how a topic's values are decoded.
import { readFileSync } from 'node:fs'
import avro from 'avsc'
import { Kafka, logLevel } from 'kafkajs'
import { SchemaRegistry } from '@kafkajs/confluent-schema-registry'
import { skipping } from './skipping.mjs'

const BROKERS = process.env.KAFKA ?? '127.0.0.1:9092'
const REGISTRY = process.env.REGISTRY ?? 'http://127.0.0.1:8081/apis/ccompat/v7'

// Ids from here on are fixed ones, from while no registry was configured: see docs/topics.md.
const FIRST_FIXED_ID = 2 ** 30
const SCHEMAS = { messages: 'Message', sessions: 'SessionEvent' }

export const kafka = new Kafka({
  clientId: 'pabal-examples',
  brokers: BROKERS.split(','),
  logLevel: logLevel.ERROR
})

const registry = new SchemaRegistry({ host: REGISTRY })

/** Decodes values of `topic`: a zero byte, the schema's id, then Avro. */
export function decoder (topic) {
  const file = new URL(`../schemas/src/main/avro/${SCHEMAS[topic]}.avsc`, import.meta.url)
  const fixed = avro.Type.forSchema(JSON.parse(readFileSync(file, 'utf8')))
  return async value => value.readInt32BE(1) >= FIRST_FIXED_ID
    ? fixed.fromBuffer(value, 5)
    : registry.decode(value)
}

/** Every readable record that `topic` holds now, oldest first within a partition; belongs to no consumer group's progress. */
export async function * everything (topic) {
  const admin = kafka.admin()
  await admin.connect()
  const left = new Map((await admin.fetchTopicOffsets(topic))
    .filter(each => Number(each.high) > Number(each.low))
    .map(each => [each.partition, Number(each.high)]))
  const groupId = `examples-${process.pid}-${Date.now()}`
  const consumer = kafka.consumer({ groupId })
  const read = skipping(decoder(topic))
  const ready = []
  let wake = () => {}
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  if (left.size > 0) {
    await consumer.run({
      autoCommit: false,
      eachMessage: async ({ partition, message }) => {
        const end = left.get(partition)
        if (end === undefined || Number(message.offset) >= end) return
        const value = await read({ topic, partition, message })
        if (value !== undefined) {
          ready.push({ partition, offset: Number(message.offset), key: message.key.toString(), value })
        }
        if (Number(message.offset) === end - 1) left.delete(partition)
        wake()
      }
    })
  }
  while (left.size > 0 || ready.length > 0) {
    if (ready.length === 0) await new Promise(resolve => { wake = resolve })
    while (ready.length > 0) yield ready.shift()
  }
  await consumer.disconnect()
  await admin.deleteGroups([groupId]).catch(() => {})
  await admin.disconnect()
}

/** The minute of a time, as text. */
export function minute (millis) {
  return new Date(millis).toISOString().slice(0, 16).replace('T', ' ')
}
