// SPDX-License-Identifier: Apache-2.0
// Loads the topic `messages` into DuckDB, a columnar database in this process, and runs a query on it:
//   node messages-sql.mjs ['select ... from messages ...']
import { DuckDBInstance, DuckDBTimestampMillisecondsValue } from '@duckdb/node-api'
import { everything } from './topic.mjs'

const QUERY = process.argv[2] ?? `
  select address, count(*)::int as messages, count(distinct clientId)::int as senders, sum(bytes)::int as bytes
  from messages group by address order by messages desc, address limit 10`

const duckdb = await (await DuckDBInstance.create(':memory:')).connect()
await duckdb.run(`create table messages (
  partition integer, "offset" bigint, address varchar, sender varchar, clientId varchar,
  publishedAt timestamp_ms, qos integer, bytes integer, payload varchar)`)

const rows = await duckdb.createAppender('messages')
for await (const { partition, offset, value } of everything('messages')) {
  rows.appendInteger(partition)
  rows.appendBigInt(BigInt(offset))
  rows.appendVarchar(value.address)
  rows.appendVarchar(value.sender)
  rows.appendVarchar(value.clientId)
  rows.appendTimestampMilliseconds(new DuckDBTimestampMillisecondsValue(BigInt(value.publishedAt)))
  rows.appendInteger(value.qos)
  rows.appendInteger(value.payload.length)
  rows.appendVarchar(value.payload.toString())
  rows.endRow()
}
rows.closeSync()

console.table((await duckdb.runAndReadAll(QUERY)).getRowObjectsJson())
