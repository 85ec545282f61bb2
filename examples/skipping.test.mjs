// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import test from 'node:test'
import { skipping } from './skipping.mjs'

const record = (key, value) => ({ topic: 'messages', partition: 3, message: { offset: '7', key, value } })
const good = Buffer.from([0, 64, 0, 0, 0, 1])

test('a record that is none is named once and passed over', async () => {
  const said = []
  const read = skipping(value => value[5], line => said.push(line))
  const key = Buffer.from('rooms/lobby')
  for (const value of [null, Buffer.alloc(0), Buffer.from([0, 1]), Buffer.from('garbage')]) {
    assert.equal(await read(record(key, value)), undefined)
  }
  assert.equal(await read(record(null, good)), undefined)
  assert.equal(said.length, 5)
  assert.match(said[0], /messages-3@7/)
  assert.equal(await read(record(key, good)), 1)
})

test('what cannot be decoded is passed over', async () => {
  const said = []
  const read = skipping(() => { throw new Error('truncated buffer') }, line => said.push(line))
  assert.equal(await read(record(Buffer.from('a'), good)), undefined)
  assert.match(said[0], /truncated buffer/)
})

test('a registry that is away is not the record\'s fault', async () => {
  for (const more of [{ code: 'ECONNREFUSED' }, { status: 503 }]) {
    const read = skipping(() => { throw Object.assign(new Error('away'), more) })
    await assert.rejects(read(record(Buffer.from('a'), good)), /away/)
  }
})
