// SPDX-License-Identifier: Apache-2.0
// From the topic `sessions` alone, per minute: connections open at its end, connections that began, how many of
// those were reconnects, and how long the ones that ended had lasted.
import { everything, minute } from './topic.mjs'
import { connections } from './connections.mjs'

const events = []
for await (const { value } of everything('sessions')) events.push(value)
const all = connections(events)

const now = Date.now()
const rows = []
const first = Math.min(...all.map(each => each.begin))
for (let at = Math.floor(first / 60_000) * 60_000; at <= now; at += 60_000) {
  const within = time => time !== null && time >= at && time < at + 60_000
  const began = all.filter(each => within(each.begin))
  const ended = all.filter(each => within(each.end))
  if (began.length === 0 && ended.length === 0) continue
  const lengths = ended.map(each => each.end - each.begin)
  rows.push({
    minute: minute(at),
    open: all.filter(each => each.begin < at + 60_000 && (each.end === null || each.end >= at + 60_000)).length,
    began: began.length,
    reconnects: began.length === 0 ? 0 : Number((began.filter(each => each.again).length / began.length).toFixed(2)),
    ended: ended.length,
    'mean length s': lengths.length === 0 ? null : Number((lengths.reduce((sum, each) => sum + each, 0) / lengths.length / 1000).toFixed(1))
  })
}
console.table(rows)
