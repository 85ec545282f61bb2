// SPDX-License-Identifier: Apache-2.0

const RECONNECT_MILLIS = 60_000

/**
 * The connections in a list of session events, in any order between clients: who, when from and until (null: still
 * open), how it ended, and whether it came again within a minute of the client's last one.
 *
 * Not every connection has an end of its own in the topic. A connector that crashed writes none; its next
 * incarnation's first event tells that everything of the earlier one is over, and so does a later claim (a higher
 * epoch) of the same session on another connector. The time is then that of the event that told: the latest it can be.
 */
export function connections (events) {
  const all = []
  const open = new Map() // client id -> connections without an end, oldest first
  const last = new Map() // client id -> when it was last connected
  const incarnations = new Map() // connector id -> its newest incarnation

  const close = (connection, at, how) => {
    connection.end = Math.max(at, connection.begin)
    connection.how = how
    last.set(connection.clientId, connection.end)
    open.set(connection.clientId, open.get(connection.clientId).filter(each => each !== connection))
  }
  const closeIf = (clientId, condition, at, how) =>
    (open.get(clientId) ?? []).filter(condition).forEach(each => close(each, at, how))

  const ordered = events
    .map(event => ({ ...event, at: Number(event.at), epoch: Number(event.epoch), incarnation: Number(event.incarnation) }))
    .sort((one, other) => one.at - other.at || one.epoch - other.epoch)
  for (const event of ordered) {
    const { at, clientId, connectorId, incarnation, epoch } = event
    if (incarnation > (incarnations.get(connectorId) ?? incarnation)) {
      for (const each of open.keys()) {
        closeIf(each, old => old.connectorId === connectorId && old.incarnation < incarnation, at, 'crash')
      }
    }
    incarnations.set(connectorId, Math.max(incarnation, incarnations.get(connectorId) ?? 0))

    if (event.kind === 'CONNECTED' || event.kind === 'RESUMED') {
      closeIf(clientId, old => old.epoch < epoch, at, 'claimed')
      const again = last.has(clientId) && at - last.get(clientId) <= RECONNECT_MILLIS
      const begun = { clientId, connectorId, incarnation, epoch, begin: at, end: null, how: '', again }
      all.push(begun)
      open.set(clientId, [...(open.get(clientId) ?? []), begun])
    } else if (event.kind === 'DISCONNECTED' || event.kind === 'TAKEN_OVER') {
      // An epoch may grow during a connection, so it is not compared for being the same.
      closeIf(clientId, old => old.connectorId === connectorId && old.incarnation === incarnation && old.epoch <= epoch, at, event.reason)
    }
  }
  return all
}
