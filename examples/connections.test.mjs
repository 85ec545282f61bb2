// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import test from 'node:test'
import { connections } from './connections.mjs'

const event = (kind, at, more) =>
  ({ kind, at, clientId: 'bob', connectorId: 'c1', incarnation: 1, epoch: 1, reason: '', ...more })

test('a connection lasts from CONNECTED to DISCONNECTED', () => {
  const [only] = connections([event('CONNECTED', 1000), event('DISCONNECTED', 5000, { reason: 'client' })])
  assert.equal(only.end - only.begin, 4000)
  assert.equal(only.how, 'client')
})

test('a session that returns within a minute has reconnected', () => {
  const all = connections([
    event('CONNECTED', 0), event('DISCONNECTED', 1000),
    event('RESUMED', 2000, { epoch: 2 }), event('DISCONNECTED', 3000, { epoch: 2 }),
    event('RESUMED', 100_000, { epoch: 3 })])
  assert.deepEqual(all.map(each => each.again), [false, true, false])
})

test('the next incarnation of a connector ends what a crash left', () => {
  const all = connections([
    event('CONNECTED', 0), event('CONNECTED', 500, { connectorId: 'c2', clientId: 'eve' }),
    event('CONNECTED', 9000, { clientId: 'ann', incarnation: 2 })])
  assert.deepEqual(all.map(each => [each.clientId, each.end, each.how]),
    [['bob', 9000, 'crash'], ['eve', null, ''], ['ann', null, '']])
})

test('a claim elsewhere ends a connection whose connector crashed', () => {
  const all = connections([event('CONNECTED', 0), event('RESUMED', 4000, { connectorId: 'c2', epoch: 2 })])
  assert.deepEqual(all.map(each => [each.end, each.how]), [[4000, 'claimed'], [null, '']])
})

test('the farewell of the old connection does not end the new one', () => {
  const all = connections([
    event('CONNECTED', 0), event('RESUMED', 4000, { connectorId: 'c2', epoch: 2 }),
    event('TAKEN_OVER', 4010, { reason: 'taken-over' })])
  assert.equal(all[1].end, null)
})

test('an epoch that grew during a connection still ends it', () => {
  const [only] = connections([event('CONNECTED', 0), event('DISCONNECTED', 7000, { epoch: 5, reason: 'keep-alive' })])
  assert.equal(only.how, 'keep-alive')
})
